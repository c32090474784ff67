"""The user directory and profiles."""
