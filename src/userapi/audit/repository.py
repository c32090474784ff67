"""Which events."""

from datetime import datetime

from sqlalchemy import delete, func, select

from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.records import NEWEST_FIRST, EventQuery, EventRecord
from userapi.db.repository import AnySelect, Repository, columns_of
from userapi.kit.client_info import ClientInfo
from userapi.kit.pagination import KeysetPage


class AuditRepository(Repository):
    """The audit trail: events are added, never changed."""

    def add(self, event: AuditEvent, client_info: ClientInfo) -> None:
        """Insert an event, and beside it where it came from, as far as that is known."""
        self._add(event)
        if client_info.address is not None or client_info.user_agent is not None:
            self._add(
                AuditClientInfo(
                    event_id=event.id,
                    address=client_info.address,
                    user_agent=client_info.user_agent,
                )
            )

    def list(self, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that `query` selects, newest first."""
        columns = columns_of(
            AuditEvent,
            EventRecord,
            address=AuditClientInfo.address,
            user_agent=AuditClientInfo.user_agent,
        )
        rows: AnySelect = select(*columns).outerjoin(
            AuditClientInfo, AuditClientInfo.event_id == AuditEvent.id
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
        return self._keyset_page(rows, query, sort=NEWEST_FIRST, record=EventRecord)

    def delete_expired_client_info(self, before: datetime, limit: int) -> int:
        """Delete where up to `limit` events before that time came from; return how many."""
        if self._db.get_bind().dialect.name == "postgresql":
            # Until the transaction ends: otherwise the database refuses to delete any.
            self._db.execute(select(func.set_config("userapi.retention", "on", True)))
        newest = (
            select(AuditEvent.id)
            .where(AuditEvent.occurred_at < before)
            .order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        old = (
            select(AuditClientInfo.event_id)
            .join(AuditEvent, AuditEvent.id == AuditClientInfo.event_id)
            # Ids grow with time but for little: no more rows are looked at than need be.
            .where(AuditClientInfo.event_id <= newest, AuditEvent.occurred_at < before)
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
