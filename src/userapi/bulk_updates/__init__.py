"""Changing many users at once."""
