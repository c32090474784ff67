"""Foreign tools that attack the service."""
