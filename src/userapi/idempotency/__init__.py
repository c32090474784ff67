"""Requests that may be sent again: the answers stored under idempotency keys."""
