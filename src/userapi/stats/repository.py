"""What there is and what happened: counted, and kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from userapi.audit.models import AuditEvent
from userapi.db.base import UTCDateTime
from userapi.db.repository import Repository, columns_of, record_of
from userapi.kit.events import Event
from userapi.kit.principal import Role
from userapi.registration.events import AccountEvent
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession
from userapi.sessions.repository import is_alive
from userapi.stats.models import SNAPSHOT_ID, DailyStats, StatsSnapshot
from userapi.stats.records import CountedDay, Snapshot
from userapi.users.models import User

_SNAPSHOT = select(*columns_of(StatsSnapshot, Snapshot)).where(StatsSnapshot.taken_at.is_not(None))
_DAYS = select(*columns_of(DailyStats, CountedDay)).where(
    DailyStats.day.between(bindparam("first"), bindparam("last"))
)
_TRAITS = (
    User.role.label("role"),
    User.is_active.label("is_active"),
    User.email_verified_at.is_not(None).label("is_verified"),
    User.deleted_at.is_not(None).label("is_deleted"),
    User.erased_at.is_not(None).label("is_erased"),
)
_USERS = select(*_TRAITS, func.count().label("users")).group_by(*_TRAITS)
# A range of the index of events, whatever else happened.
_HAPPENED = select(func.count()).where(
    AuditEvent.event == bindparam("event"),
    AuditEvent.occurred_at >= bindparam("since", type_=UTCDateTime()),
    AuditEvent.occurred_at < bindparam("until", type_=UTCDateTime()),
)


class StatsRepository(Repository):
    """The figures; the time is the database's."""

    def now(self) -> datetime:
        """Return the time."""
        return self._time()

    def find_snapshot(self) -> Snapshot | None:
        """Return what was counted last; None when nothing was."""
        return self._one(_SNAPSHOT, Snapshot)

    def list_days(self, first: date, last: date) -> Sequence[CountedDay]:
        """Return what is known of those days, both included."""
        rows = self._read(_DAYS, first=first, last=last)
        return [record_of(CountedDay, row) for row in rows]

    def count(self, now: datetime) -> Snapshot:
        """Count all users and the sessions that are alive."""
        counts: Counter[str] = Counter()
        roles: Counter[str] = Counter(dict.fromkeys(Role, 0))
        for row in self._read(_USERS):
            if row.is_deleted:
                counts["erased" if row.is_erased else "closed"] += row.users
                continue
            roles[row.role] += row.users
            counts["active" if row.is_active else "deactivated"] += row.users
            counts["verified"] += row.users if row.is_verified else 0
        alive = select(func.count()).select_from(UserSession).where(*is_alive(self._now()))
        return Snapshot(
            taken_at=now,
            active=counts["active"],
            deactivated=counts["deactivated"],
            verified=counts["verified"],
            closed=counts["closed"],
            erased=counts["erased"],
            roles=dict(roles),
            sessions_alive=self._value(alive),
        )

    def count_day(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many accounts were made and how many sessions began from then until then."""
        return (
            self._happened(AccountEvent.CREATED, since, until),
            self._happened(SessionEvent.CREATED, since, until),
        )

    def claim(self, now: datetime, *, fresh_for: timedelta, claim: timedelta) -> bool:
        """Let the caller alone count for that long; False when somebody does, or just did.

        One statement decides, also where there is no row yet. What a clock left that was ahead
        holds up nobody.
        """
        until = now + claim
        claimed_until, taken_at = StatsSnapshot.claimed_until, StatsSnapshot.taken_at
        held = and_(claimed_until > now, claimed_until <= until + claim)
        fresh = and_(taken_at > now - fresh_for, taken_at < now + fresh_for)
        is_free = or_(claimed_until.is_(None), ~held)
        is_stale = or_(taken_at.is_(None), ~fresh)
        claimed = self._write(
            self._dialect.insert(StatsSnapshot)
            .values(id=SNAPSHOT_ID, claimed_until=until)
            .on_conflict_do_update(
                index_elements=["id"], set_={"claimed_until": until}, where=is_free & is_stale
            )
            .returning(StatsSnapshot.id)
        )
        return bool(claimed)

    def store(
        self, snapshot: Snapshot, days: Sequence[CountedDay], *, fresh_for: timedelta
    ) -> None:
        """Keep what was counted and end the claim, unless there are somewhat later figures."""
        counted = {**asdict(snapshot), "claimed_until": None}
        taken_at = snapshot.taken_at
        kept_at = StatsSnapshot.taken_at
        later = and_(kept_at > taken_at, kept_at < taken_at + fresh_for)
        is_older = or_(kept_at.is_(None), ~later)
        stored = self._write(
            self._dialect.insert(StatsSnapshot)
            .values(id=SNAPSHOT_ID, **counted)
            .on_conflict_do_update(index_elements=["id"], set_=counted, where=is_older)
            .returning(StatsSnapshot.id)
        )
        if stored:
            self._store_days(days)

    def _store_days(self, days: Sequence[CountedDay]) -> None:
        insert = self._dialect.insert(DailyStats).values([asdict(day) for day in days])
        names = ("sign_ups", "sign_ins", "counted_at")
        counted = {name: insert.excluded[name] for name in names}
        self._write(
            insert.on_conflict_do_update(index_elements=["day"], set_=counted).returning(
                DailyStats.day
            )
        )

    def _happened(self, event: Event, since: datetime, until: datetime) -> int:
        return int(self._value(_HAPPENED, event=event, since=since, until=until))

    @property
    def _dialect(self) -> Any:
        return sqlite if self._db.get_bind().dialect.name == "sqlite" else postgresql
