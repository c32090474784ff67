"""Requests that may be sent again: the answers kept under idempotency keys."""
