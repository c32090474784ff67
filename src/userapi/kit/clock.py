"""The one place that reads the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A function that returns the current time, timezone-aware, in UTC."""


def utc_now() -> datetime:
    """Return the current time in UTC, with microseconds."""
    return datetime.now(UTC)
