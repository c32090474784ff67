"""Events of the audit trail, arranged and looked at directly."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.rows import NOON
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.posts.events import PostEvent


@dataclass(frozen=True)
class Written:
    """What was written down of an event, but for its time and its request."""

    event: str
    actor_id: int | None
    subject_id: int | None
    object_id: str | None
    details: dict[str, Any]


def add_event_row(session: Session, *, address: str | None = None, **columns: Any) -> int:
    """Commit an event of noon, with those columns; with an address it has an origin."""
    usual = {"occurred_at": NOON, "event": PostEvent.CREATED, "details": {}}
    event = AuditEvent(**{**usual, **columns})
    session.add(event)
    session.flush()
    event_id = event.id
    if address is not None:
        session.add(AuditClientInfo(event_id=event_id, address=address))
    session.commit()
    return event_id


def written(session: Session) -> list[Written]:
    """Return what was written down, in its order."""
    rows = session.execute(
        select(
            AuditEvent.event,
            AuditEvent.actor_id,
            AuditEvent.subject_id,
            AuditEvent.object_id,
            AuditEvent.details,
        ).order_by(AuditEvent.id)
    )
    return [Written(*row) for row in rows]


def last_event_id(session: Session) -> int:
    """Return the id of the newest event; 0 when there is none."""
    return session.scalar(select(func.max(AuditEvent.id))) or 0


def origins(session: Session) -> list[int]:
    """Return the ids of the events whose origin is known."""
    return list(
        session.scalars(select(AuditClientInfo.event_id).order_by(AuditClientInfo.event_id))
    )
