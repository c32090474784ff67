"""For how long the database may be waited for by what is being done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import overload

IMPATIENT: ContextVar[bool] = ContextVar("impatient", default=False)
"""Whether a transaction fails at once where it would have to wait for another."""

_LEFT: ContextVar[float | None] = ContextVar("left", default=None)
_ARE_LIFTED: ContextVar[bool] = ContextVar("are_lifted", default=False)
_SHORTEST = 0.01


def lift() -> None:
    """Have connections that are made in this context wait for as long as it takes."""
    _ARE_LIFTED.set(True)


def are_lifted() -> bool:
    """Say whether connections are made that wait for as long as it takes."""
    return _ARE_LIFTED.get()


def begin(seconds: float | None) -> None:
    """Have what is done in this context wait for so many seconds altogether; None: without end."""
    _LEFT.set(seconds)


@overload
def seconds_left(limit: float) -> float: ...
@overload
def seconds_left(limit: float | None) -> float | None: ...
def seconds_left(limit: float | None) -> float | None:
    """Return for how many seconds may be waited now, and no longer than the limit, if any."""
    left = _LEFT.get()
    if left is None:
        return limit
    return max(left if limit is None else min(left, limit), _SHORTEST)


def spend(seconds: float) -> None:
    """Count how long was waited."""
    left = _LEFT.get()
    if left is not None:
        _LEFT.set(left - seconds)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Have a block wait for so many seconds at most, of what may be waited altogether."""
    before = _LEFT.get()
    share = seconds if before is None else min(before, seconds)
    _LEFT.set(share)
    try:
        yield
    finally:
        used = share - (_LEFT.get() or 0)
        _LEFT.set(None if before is None else before - used)
