"""Login sessions: log in, refresh, log out."""
