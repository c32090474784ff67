"""Who may see the figures, and how old they may be."""

from datetime import UTC, date, datetime, time, timedelta

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

READING_STATS = Requires(Role.ADMIN)
"""Who may see how many there are."""

FRESH_FOR = timedelta(minutes=5)
"""How long figures are answered before somebody who asks has them counted anew."""

CLAIM = timedelta(minutes=2)
"""How long whoever counts is left alone; a process that ended meanwhile counts no more."""

SETTLING = timedelta(hours=1)
"""How long after its end a day is counted again: what began before may be committed later."""


def start_of(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def end_of(day: date) -> datetime:
    """Return when a day is over, in UTC."""
    return start_of(day) + timedelta(days=1)


def is_settled(day: date, counted_at: datetime, now: datetime) -> bool:
    """Say whether what was counted of a day at that time is never counted again.

    What a clock counted that was ahead is.
    """
    return end_of(day) + SETTLING <= counted_at <= now


def is_fresh(taken_at: datetime, now: datetime) -> bool:
    """Say whether figures of that time are answered; not those of a clock that was ahead."""
    return abs(now - taken_at) < FRESH_FOR


def days_until(last: date, count: int) -> list[date]:
    """Return so many days, the earliest first, with that one as the last."""
    return [last - timedelta(days=back) for back in reversed(range(count))]
