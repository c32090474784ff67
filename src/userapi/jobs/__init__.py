"""The loop that does what was left for later, and what it does by itself."""
