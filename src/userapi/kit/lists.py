"""Where lists are read: where all is written, or from a copy that may be a little behind."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from userapi.kit.principal import Principal

T = TypeVar("T")


class ReplicaUnavailable(Exception):
    """The replica does not answer as it should: what was read from it is void."""


class Replica(Protocol):
    """A copy of the database that follows it."""

    def reading(self) -> AbstractContextManager[None]:
        """Have the reads of a block come from the replica; raise `ReplicaUnavailable`."""
        ...


class ListReads(Protocol):
    """Reads lists from where it costs others least."""

    def read(self, principal: Principal, read: Callable[[], T]) -> T:
        """Return what `read` does: it has all that the caller has changed, and may be called twice.

        Nothing may be decided by it that must not be out of date.
        """
        ...
