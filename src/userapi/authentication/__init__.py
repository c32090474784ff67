"""From the `Authorization` header to the principal."""
