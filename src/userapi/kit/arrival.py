"""When what is being done was asked for."""

from contextvars import ContextVar

ASKED_AT: ContextVar[float | None] = ContextVar("asked_at", default=None)
"""The moment in which a request was complete, by `time.monotonic`; None where there is none."""
