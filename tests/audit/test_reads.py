"""Which of two places a list is read from."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from support.principals import principal_of
from userapi.audit.service import ReplicatedReads
from userapi.kit.lists import ReplicaUnavailable

pytestmark = pytest.mark.any_database


@dataclass
class Copy:
    """A replica with the events up to one of them; it may break while it is read."""

    newest: int
    breaks: bool = False
    is_read: bool = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        self.is_read = True
        try:
            yield
        finally:
            self.is_read = False
        if self.breaks:
            raise ReplicaUnavailable


@dataclass
class Events:
    """The events of a caller, of which the replica has some."""

    copy: Copy
    ids: Sequence[int]
    asked: list[int] = field(default_factory=list)

    def latest_ids_by(self, user_id: int, limit: int) -> Sequence[int]:
        assert not self.copy.is_read
        self.asked.append(user_id)
        return self.ids[:limit]

    def has_all(self, event_ids: Sequence[int]) -> bool:
        assert self.copy.is_read
        return all(event_id <= self.copy.newest for event_id in event_ids)


def places(copy: Copy, ids: Sequence[int]) -> list[str]:
    """Return where a list is read, each time that it is."""
    read: list[str] = []
    events = Events(copy, ids)
    reads = ReplicatedReads(events=events, replica=copy)  # type: ignore[arg-type] # stands for it
    reads.read(principal_of(7), lambda: read.append("replica" if copy.is_read else "database"))
    assert events.asked == [7]
    return read


def test_a_replica_that_has_what_the_caller_changed_is_read() -> None:
    assert places(Copy(newest=5), [5, 3]) == ["replica"]


def test_who_has_changed_nothing_reads_the_replica() -> None:
    assert places(Copy(newest=5), []) == ["replica"]


def test_a_replica_that_lags_is_not_read() -> None:
    assert places(Copy(newest=4), [5, 3]) == ["database"]


def test_all_of_the_latest_changes_must_be_there_in_whatever_order_their_times_are() -> None:
    assert places(Copy(newest=5), [4, 6, 3]) == ["database"]


def test_what_a_replica_told_that_broke_is_void() -> None:
    assert places(Copy(newest=5, breaks=True), [5]) == ["replica", "database"]


def test_without_a_replica_nobody_is_asked() -> None:
    events = Events(Copy(newest=0), [1])
    reads = ReplicatedReads(events=events, replica=None)  # type: ignore[arg-type] # stands for it

    assert reads.read(principal_of(7), lambda: "read") == "read"
    assert events.asked == []
