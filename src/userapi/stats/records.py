"""The figures as they are counted, kept and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

MAX_DAYS = 90
DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class StatsQuery:
    """How many days are wanted, the present one included."""

    days: int = DEFAULT_DAYS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there was at a time: living users by three of their traits, gone ones, sessions."""

    taken_at: datetime
    active: int
    deactivated: int
    verified: int
    closed: int
    erased: int
    roles: Mapping[str, int]
    sessions_alive: int

    @property
    def living(self) -> int:
        """How many users are not deleted."""
        return self.active + self.deactivated

    @property
    def unverified(self) -> int:
        """How many of them have not proven their address."""
        return self.living - self.verified

    @property
    def by_role(self) -> Sequence["RoleCount"]:
        """How many of them have each role."""
        return [RoleCount(role, count) for role, count in self.roles.items()]


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How many living users have a role."""

    role: str
    count: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """What happened on a day, in UTC."""

    day: date
    sign_ups: int = 0
    sign_ins: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDay(DayCount):
    """A day as it is kept, with when it was counted."""

    counted_at: datetime


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """How many sessions there were."""

    alive: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What there was at a time, and what happened on the days until then."""

    users: Snapshot
    days: Sequence[DayCount]

    @property
    def as_of(self) -> datetime:
        """When it was counted."""
        return self.users.taken_at

    @property
    def sessions(self) -> SessionCounts:
        """How many sessions there were."""
        return SessionCounts(self.users.sessions_alive)
