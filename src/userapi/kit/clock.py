"""The one place that reads the time."""

from collections.abc import Callable
from datetime import UTC, datetime

import orjson

Clock = Callable[[], datetime]
"""A function that returns the current time, timezone-aware, in UTC."""


TIMESTAMP_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
"""How `timestamp` writes a point in time, whatever its value."""


def timestamp(moment: datetime) -> str:
    """Return a timezone-aware time as it is told: RFC 3339, in UTC, with microseconds."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    if type(in_utc) is not datetime:
        return f"{in_utc.isoformat(timespec='microseconds').removesuffix('+00:00')}Z"
    # A quarter of the time; but where there are no microseconds it writes none.
    written = orjson.dumps(in_utc, option=orjson.OPT_UTC_Z)[1:-1].decode()
    return written if in_utc.microsecond else f"{written[:-1]}.000000Z"


def utc_now() -> datetime:
    """Return the current time in UTC, with microseconds."""
    return datetime.now(UTC)
