"""Logging in: credentials, and what holds those off who guess them."""
