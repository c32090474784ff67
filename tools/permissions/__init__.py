"""Who may call what: the table in docs/permissions.md, made from the API's document."""
