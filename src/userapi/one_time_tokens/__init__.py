"""One-time tokens: what a mailed link carries."""
