"""What happens to the audit trail."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from userapi.audit import policy
from userapi.audit.events import DatabaseEvent
from userapi.audit.models import AuditEvent
from userapi.audit.records import DETAIL_ITEMS, DETAIL_LENGTH, EventQuery, EventRecord
from userapi.audit.repository import AuditRepository
from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock
from userapi.kit.events import Event
from userapi.kit.lists import ListReads, Replica, ReplicaUnavailable
from userapi.kit.pagination import KeysetPage
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction

T = TypeVar("T")

Detail = str | int | bool | list[str] | None
Details = Mapping[str, Detail]
"""What else is to be known of an event: plain values, never a secret."""


_LATEST_EVENTS = 10
"""How many of the latest events are looked for: clocks that differ a little change their order."""


class AuditTrail:
    """Records what happens, within the transaction of the use case that does it."""

    def __init__(
        self, *, events: AuditRepository, client_info: ClientInfoReader, clock: Clock
    ) -> None:
        self._events = events
        self._client_info = client_info
        self._clock = clock

    def record(
        self,
        actor: Principal | int | None,
        event: Event,
        *,
        subject: int | None = None,
        object: str | int | UUID | None = None,  # noqa: A002 - the word of the trail
        details: Details | None = None,
    ) -> None:
        """Record an event; it becomes durable with the caller's commit, or not at all.

        `actor` is who did it: the principal, the id of a user who has none yet because it only
        registers or logs in, or None for strangers and the operator. `subject` is the id of the
        user whom it concerns, `object` that of the thing itself where it is no user: a session, a
        post, a key.
        """
        client_info = self._client_info()
        row = AuditEvent(
            occurred_at=self._clock(),
            event=event,
            actor_id=actor.user_id if isinstance(actor, Principal) else actor,
            subject_id=subject,
            object_id=None if object is None else str(object),
            request_id=client_info.request_id,
            details=_cut_all(details),
        )
        self._events.add(row, client_info)

    def record_all(
        self,
        actor: Principal,
        event: Event,
        *,
        subjects: Collection[int],
        details: Details | None = None,
    ) -> None:
        """Record the same event for each of those users, in few statements."""
        if not subjects:
            return
        client_info = self._client_info()
        same = {
            "occurred_at": self._clock(),
            "event": event,
            "actor_id": actor.user_id,
            "request_id": client_info.request_id,
            "details": _cut_all(details),
        }
        self._events.add_all(subjects, same, client_info)


class RestorationTrail:
    """Records that a copy of the database took its place."""

    def __init__(self, *, transaction: Transaction, audit: AuditTrail) -> None:
        self._transaction = transaction
        self._audit = audit

    def record(self, ended: Details) -> None:
        """Record it, with how many credentials of each kind were ended."""
        with self._transaction as tx:
            self._audit.record(None, DatabaseEvent.RESTORED, details=ended)
            tx.commit()


class AuditSearch:
    """Reads the audit trail."""

    def __init__(self, *, events: AuditRepository, lists: ListReads) -> None:
        self._events = events
        self._lists = lists

    def newest_time(self) -> datetime | None:
        """Return when the newest event happened; None where there is none."""
        return self._events.newest_time()

    def search(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that `query` selects, newest first; raise `NotAllowed`."""
        policy.SEARCHING.ensure(principal)
        return self._lists.read(principal, lambda: self._events.list(query))

    def list_own(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Return a part of the events that concern the caller, newest first."""
        own = replace(query, subject_id=principal.user_id)
        page = self._lists.read(principal, lambda: self._events.list(own))
        items = [policy.as_seen_by_subject(principal.user_id, event) for event in page.items]
        return replace(page, items=items)

    def export_own(self, user_id: int) -> Iterator[EventRecord]:
        """Yield all events that concern that user, newest first, within a transaction."""
        for event in self._events.concerning(user_id):
            yield policy.as_seen_by_subject(user_id, event)


class ReplicatedReads:
    """Implements `kit.lists.ListReads`: a replica may be read that has all that a caller did.

    Every change has an event in its own transaction, with who did it. A replica that has somebody's
    latest events has the changes, too, and all that was committed before.
    """

    def __init__(self, *, events: AuditRepository, replica: Replica | None) -> None:
        self._events = events
        self._replica = replica

    def read(self, principal: Principal, read: Callable[[], T]) -> T:
        """Return what `read` does, from the replica where that has what the caller has changed."""
        if self._replica is None:
            return read()
        latest = self._events.latest_ids_by(principal.user_id, _LATEST_EVENTS)
        try:
            with self._replica.reading():
                if self._events.has_all(latest):
                    return read()
        except ReplicaUnavailable:
            pass  # it is read where it is written
        return read()


class AuditRetention:
    """Deletes where events came from, and the events, when they were stored for long enough.

    Without a `retention` the events stay; that of where they came from is `origin_retention`.
    """

    def __init__(
        self,
        *,
        transaction: Transaction,
        events: AuditRepository,
        retention: timedelta,
        origin_retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._events = events
        self._retention = retention
        self._origin_retention = origin_retention
        self._clock = clock

    def count_expired_origins(self) -> int:
        """Return of how many events it is still known where they came from, and should not be."""
        return self._events.count_expired_client_info(self._clock() - self._origin_retention)

    def delete_expired_origins(self, report: Report = unreported) -> int:
        """Delete where the events came from whose retention is over; return how many."""
        before = self._clock() - self._origin_retention
        delete = partial(self._events.delete_expired_client_info, before)
        return purge_in_batches(self._transaction, delete, report)

    def count_expired_events(self) -> int:
        """Return how many events are to be deleted."""
        if not self._retention:
            return 0
        return self._events.count_expired(self._clock() - self._retention)

    def delete_expired_events(self, report: Report = unreported) -> int:
        """Delete the events whose retention is over; return how many."""
        if not self._retention:
            return 0
        delete = partial(self._events.delete_expired, self._clock() - self._retention)
        return purge_in_batches(self._transaction, delete, report)


def _cut_all(details: Details | None) -> dict[str, Detail]:
    return {name: _cut(value) for name, value in (details or {}).items()}


def _cut(value: Detail) -> Detail:
    """Return the value, as far as the document lets an event tell it."""
    if isinstance(value, str):
        return value[:DETAIL_LENGTH]
    if isinstance(value, list):
        return [item[:DETAIL_LENGTH] for item in value[:DETAIL_ITEMS]]
    return value
