"""What a search looks through: one document for each user, and where its trigrams are kept."""

SEARCH_INDEX = "ix_users_search"
"""The index of the documents on PostgreSQL; the operator makes it."""

SEARCH_TABLE = "user_search"
"""The table of the documents on SQLite; triggers keep it."""

POSTGRESQL_DOCUMENT = "lower(first_name || ' ' || last_name || chr(10) || email)"
"""The document of a user, in the words of the index."""

SQLITE_DOCUMENT = "lower(first_name || ' ' || last_name || char(10) || email)"
"""The same where there is no table of them; only ASCII letters lose their case there."""
