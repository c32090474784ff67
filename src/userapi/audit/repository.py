"""Which events."""

from datetime import datetime

from sqlalchemy import delete, func, select

from userapi.audit.models import AuditEvent, AuditOrigin
from userapi.audit.records import EventQuery, EventRecord
from userapi.db.repository import AnyRow, AnySelect, Repository
from userapi.kit.origin import Origin
from userapi.kit.pagination import KeysetPage

_EVENT_COLUMNS = (
    AuditEvent.occurred_at,
    AuditEvent.id,
    AuditEvent.event,
    AuditEvent.actor_id,
    AuditEvent.subject_id,
    AuditEvent.object_id,
    AuditEvent.request_id,
    AuditEvent.details,
    AuditOrigin.address,
    AuditOrigin.user_agent,
)
_MOST_FORGOTTEN = 1000


def _event_record(row: AnyRow) -> EventRecord:
    return EventRecord(*row)


class AuditRepository(Repository):
    """The audit trail: events are added, never changed."""

    def add(self, event: AuditEvent, origin: Origin) -> None:
        """Insert an event, and beside it where it came from, as far as that is known."""
        self._add(event)
        if origin.address is not None or origin.user_agent is not None:
            self._add(
                AuditOrigin(event_id=event.id, address=origin.address, user_agent=origin.user_agent)
            )

    def page(self, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that `query` selects, newest first."""
        rows: AnySelect = select(*_EVENT_COLUMNS).outerjoin(
            AuditOrigin, AuditOrigin.event_id == AuditEvent.id
        )
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
        return self._keyset_page(rows, query, record=_event_record)

    def forget_origins(self, before: datetime) -> int:
        """Forget where some of the events before that time came from; return how many."""
        if self._session.get_bind().dialect.name == "postgresql":
            # Until the transaction ends: otherwise the database refuses to delete any.
            self._session.execute(select(func.set_config("userapi.retention", "on", True)))
        newest = (
            select(AuditEvent.id)
            .where(AuditEvent.occurred_at < before)
            .order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        old = (
            select(AuditOrigin.event_id)
            .join(AuditEvent, AuditEvent.id == AuditOrigin.event_id)
            # Ids grow with time but for little: no more origins are looked at than need be.
            .where(AuditOrigin.event_id <= newest, AuditEvent.occurred_at < before)
            .order_by(AuditOrigin.event_id)
            .limit(_MOST_FORGOTTEN)
            .with_for_update(skip_locked=True, of=AuditOrigin)
        )
        forgotten = self._session.execute(
            delete(AuditOrigin).where(AuditOrigin.event_id.in_(old)).returning(AuditOrigin.event_id)
        )
        return len(forgotten.all())
