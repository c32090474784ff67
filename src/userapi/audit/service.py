"""What happens to the audit trail."""

from collections.abc import Mapping

from userapi.audit.events import Event
from userapi.audit.models import AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.kit.clock import Clock
from userapi.kit.origin import OriginReader

Details = Mapping[str, str | int | bool | list[str] | None]
"""What else is to be known of an event: plain values, never a secret."""


class AuditTrail:
    """Writes down what happens, within the transaction of the use case that does it."""

    def __init__(self, *, events: AuditRepository, origin: OriginReader, clock: Clock) -> None:
        self._events = events
        self._origin = origin
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
        origin = self._origin()
        row = AuditEvent(
            occurred_at=self._clock(),
            event=event,
            actor_id=actor_id,
            subject_id=subject_id,
            object_id=object_id,
            request_id=origin.request_id,
            details=dict(details or {}),
        )
        self._events.add(row, origin)
