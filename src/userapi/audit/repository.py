"""Which events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, ScalarSelect, delete, func, insert, literal, select, text

from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.records import NEWEST_FIRST, EventQuery, EventRecord
from userapi.audit.statements import COUNT_AMONG, LATEST_BY
from userapi.db.base import Base
from userapi.db.id_lists import id_list, rows_of_ids
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.rows import AnySelect
from userapi.kit.client_info import ClientInfo
from userapi.kit.events import lasting_events
from userapi.kit.pagination import KeysetPage

_SQLITE_REFUSAL = text("SELECT sql FROM sqlite_master WHERE name = 'audit_events_refuse_delete'")
_DROP_SQLITE_REFUSAL = text("DROP TRIGGER audit_events_refuse_delete")


class AuditRepository(PagedRepository):
    """The audit trail: events are added, never changed."""

    def add(self, event: AuditEvent, client_info: ClientInfo) -> None:
        """Insert an event, and beside it where it came from, as far as that is known."""
        self._insert(event)
        if client_info.address is not None or client_info.user_agent is not None:
            self._insert(
                AuditClientInfo(
                    event_id=event.id,
                    address=client_info.address,
                    user_agent=client_info.user_agent,
                )
            )

    def add_all(
        self, subjects: Collection[int], event: Mapping[str, Any], client_info: ClientInfo
    ) -> None:
        """Insert an event for each of those users, all alike and from the same place."""
        added = self._insertion(AuditEvent, "subject_id", subjects, event).returning(AuditEvent.id)
        event_ids = self._db.execute(added).scalars().all()
        address, user_agent = client_info.address, client_info.user_agent
        if address is not None or user_agent is not None:
            origin = {"address": address, "user_agent": user_agent}
            self._db.execute(self._insertion(AuditClientInfo, "event_id", event_ids, origin))

    def newest_time(self) -> datetime | None:
        """Return when the newest event happened; None where there is none."""
        newest: datetime | None = self._value(
            select(AuditEvent.occurred_at).order_by(AuditEvent.id.desc()).limit(1)
        )
        return newest

    def list(self, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that `query` selects, newest first."""
        rows = _select_events()
        if query.subject_id is not None:
            rows = rows.where(AuditEvent.subject_id == query.subject_id)
        if query.actor_id is not None:
            rows = rows.where(AuditEvent.actor_id == query.actor_id)
        if query.event is not None:
            rows = rows.where(AuditEvent.event == query.event)
        if query.since is not None:
            rows = rows.where(AuditEvent.occurred_at >= query.since)
        if query.until is not None:
            rows = rows.where(AuditEvent.occurred_at < query.until)
        return self._keyset_page(rows, query, sort=NEWEST_FIRST, record=EventRecord)

    def latest_ids_by(self, user_id: int, limit: int) -> Sequence[int]:
        """Return the ids of the latest events that a user did, newest first."""
        return [row[0] for row in self._read(LATEST_BY, user_id=user_id, limit=limit)]

    def has_all(self, event_ids: Sequence[int]) -> bool:
        """Say whether there are events with all these ids."""
        if not event_ids:
            return True
        return bool(self._value(COUNT_AMONG, ids=id_list(event_ids)) == len(event_ids))

    def concerning(self, user_id: int) -> Iterator[EventRecord]:
        """Yield all events that concern that user, newest first, within a transaction."""
        rows = _select_events().where(AuditEvent.subject_id == user_id)
        newest_first = rows.order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
        return self._each(newest_first, EventRecord)

    def delete_client_info_of(self, user_id: int, limit: int) -> int:
        """Delete where up to `limit` of a user's events came from; return how many.

        They are those that the user did, and those of nobody known that concern the user.
        """
        self._begin_retention("on")
        theirs = _of_actor(user_id).union_all(_of_strangers_about(user_id)).limit(limit)
        deleted = self._db.execute(
            delete(AuditClientInfo)
            .where(AuditClientInfo.event_id.in_(theirs))
            .returning(AuditClientInfo.event_id)
        )
        return len(deleted.all())

    def delete_expired_client_info(self, before: datetime, limit: int) -> int:
        """Delete where up to `limit` events before that time came from; return how many."""
        self._begin_retention("on")
        old = (
            _select_expired_client_info(before)
            .order_by(AuditClientInfo.event_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=AuditClientInfo)
        )
        deleted = self._db.execute(
            delete(AuditClientInfo)
            .where(AuditClientInfo.event_id.in_(old))
            .returning(AuditClientInfo.event_id)
        )
        return len(deleted.all())

    def count_expired_client_info(self, before: datetime) -> int:
        """Return of how many events before that time is known where they came from."""
        return self._count(_select_expired_client_info(before))

    def count_expired(self, before: datetime) -> int:
        """Return how many events there are before that time."""
        return self._count(_select_expired(before))

    def delete_expired(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` events before that time, and where they came from; return how many.

        Those that a feature relies on stay. The database lets nobody do it but the owner of the
        tables.
        """
        old = (
            _select_expired(before)
            .where(AuditEvent.id <= _newest_before(before))
            .order_by(AuditEvent.id)
            .limit(limit)
        )
        ids = self._db.scalars(old).all()
        if not ids:
            return 0
        self._begin_retention("events")
        self._db.execute(delete(AuditClientInfo).where(AuditClientInfo.event_id.in_(ids)))
        if self._is_sqlite():
            self._delete_on_sqlite(ids)
        else:
            self._db.execute(delete(AuditEvent).where(AuditEvent.id.in_(ids)))
        return len(ids)

    def _insertion(
        self, model: type[Base], name: str, ids: Collection[int], same: Mapping[str, Any]
    ) -> Insert:
        """Return the statement that inserts a row for each id, which all else is the same in."""
        columns = model.__table__.c
        rows = rows_of_ids(ids).subquery()
        others = (literal(value, columns[other].type) for other, value in same.items())
        return insert(model).from_select([name, *same], select(rows.c.id, *others))

    def _delete_on_sqlite(self, ids: Sequence[int]) -> None:
        # Its triggers cannot ask who deletes, and for what: the one that refuses is away until the
        # transaction ends, in which nobody else can write.
        refusal = self._db.execute(_SQLITE_REFUSAL).scalar_one()
        self._db.execute(_DROP_SQLITE_REFUSAL)
        self._db.execute(delete(AuditEvent).where(AuditEvent.id.in_(ids)))
        self._db.execute(text(refusal))

    def _begin_retention(self, of: str) -> None:
        """Have PostgreSQL delete what is expired, which it refuses otherwise, in this transaction.

        `of` is "events", or "on" for where they came from alone.
        """
        if not self._is_sqlite():
            self._db.execute(select(func.set_config("userapi.retention", of, True)))

    def _is_sqlite(self) -> bool:
        return self._db.get_bind().dialect.name == "sqlite"


def _select_events() -> AnySelect:
    columns = columns_of(
        AuditEvent,
        EventRecord,
        address=AuditClientInfo.address,
        user_agent=AuditClientInfo.user_agent,
    )
    rows: AnySelect = select(*columns).outerjoin(
        AuditClientInfo, AuditClientInfo.event_id == AuditEvent.id
    )
    return rows


def _select_client_info() -> AnySelect:
    query: AnySelect = select(AuditClientInfo.event_id).join(
        AuditEvent, AuditEvent.id == AuditClientInfo.event_id
    )
    return query


def _of_actor(user_id: int) -> AnySelect:
    return _select_client_info().where(AuditEvent.actor_id == user_id)


def _of_strangers_about(user_id: int) -> AnySelect:
    """Return the query for events of a user's that nobody known did, such as failed logins."""
    return _select_client_info().where(
        AuditEvent.subject_id == user_id, AuditEvent.actor_id.is_(None)
    )


def _newest_before(before: datetime) -> ScalarSelect[int]:
    """Return the id of the newest event before that time.

    Ids grow with time but for little: with it no more rows are looked at than need be.
    """
    return (
        select(AuditEvent.id)
        .where(AuditEvent.occurred_at < before)
        .order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _select_expired(before: datetime) -> AnySelect:
    query: AnySelect = select(AuditEvent.id).where(
        AuditEvent.occurred_at < before, AuditEvent.event.not_in(lasting_events())
    )
    return query


def _select_expired_client_info(before: datetime) -> AnySelect:
    return _select_client_info().where(
        AuditClientInfo.event_id <= _newest_before(before), AuditEvent.occurred_at < before
    )
