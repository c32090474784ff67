"""What is read of jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from userapi.kit.jobs import Payload


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is the reader's until its lease is over, and `attempts` with it."""

    id: UUID
    kind: str
    key: str
    payload: Payload
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many jobs wait, for how many seconds the longest is due, and how many were given up."""

    waiting: int
    overdue: float
    dead: int


@dataclass(frozen=True, slots=True)
class KindBacklog:
    """The jobs of a kind: how many wait, for how long the oldest is due, how many were given up."""

    kind: str
    waiting: int
    overdue: timedelta
    dead: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up."""

    id: UUID | int
    kind: str
    key: str
    payload: Payload
    attempts: int
    dead_at: datetime
    last_error: str | None
