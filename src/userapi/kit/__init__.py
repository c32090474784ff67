"""Pure Python that knows nothing of HTTP, SQL or configuration."""
