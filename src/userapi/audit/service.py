"""What happens to the audit trail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from userapi.audit import policy
from userapi.audit.events import Event
from userapi.audit.models import AuditEvent
from userapi.audit.records import EventQuery, EventRecord
from userapi.audit.repository import AuditRepository
from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock
from userapi.kit.pagination import KeysetPage
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction

Details = Mapping[str, str | int | bool | list[str] | None]
"""What else is to be known of an event: plain values, never a secret."""


class AuditTrail:
    """Writes down what happens, within the transaction of the use case that does it."""

    def __init__(
        self, *, events: AuditRepository, client_info: ClientInfoReader, clock: Clock
    ) -> None:
        self._events = events
        self._client_info = client_info
        self._clock = clock

    def record(
        self,
        event: Event,
        *,
        actor_id: int | None,
        subject_id: int | None,
        object_id: str | None = None,
        details: Details | None = None,
    ) -> None:
        """Write an event down; it becomes durable with the caller's commit, or not at all.

        `actor_id` is the user who did it (None: nobody is known, or the operator did it),
        `subject_id` the user whom it concerns, `object_id` the thing itself where it is no
        user: a session, a post, a key.
        """
        client_info = self._client_info()
        row = AuditEvent(
            occurred_at=self._clock(),
            event=event,
            actor_id=actor_id,
            subject_id=subject_id,
            object_id=object_id,
            request_id=client_info.request_id,
            details=dict(details or {}),
        )
        self._events.add(row, client_info)


class AuditSearch:
    """Reads the audit trail."""

    def __init__(self, *, events: AuditRepository) -> None:
        self._events = events

    def search(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that `query` selects, newest first; raise `NotAllowed`."""
        policy.SEARCHING.ensure(principal)
        return self._events.list(query)

    def list_own(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that concern the caller, newest first."""
        page = self._events.list(replace(query, subject_id=principal.user_id))
        items = [policy.as_seen_by_subject(principal, event) for event in page.items]
        return replace(page, items=items)


class AuditRetention:
    """Forgets where events came from, when that was kept for long enough."""

    def __init__(self, *, transaction: Transaction, events: AuditRepository) -> None:
        self._transaction = transaction
        self._events = events

    def delete_expired_client_info(self, before: datetime) -> int:
        """Forget the origins of the events before that time; return how many.

        Each batch of them is a transaction of its own, so that nobody waits for long.
        """
        return sum(iter(lambda: self._delete_batch(before), 0))

    def _delete_batch(self, before: datetime) -> int:
        with self._transaction as tx:
            forgotten = self._events.delete_expired_client_info(before)
            tx.commit()
        return forgotten
