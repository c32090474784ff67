"""Which events."""

from userapi.audit.models import AuditEvent, AuditOrigin
from userapi.db.repository import Repository
from userapi.kit.origin import Origin


class AuditRepository(Repository):
    """The audit trail: events are added, never changed."""

    def add(self, event: AuditEvent, origin: Origin) -> None:
        """Insert an event, and beside it where it came from, as far as that is known."""
        self._add(event)
        if origin.address is not None or origin.user_agent is not None:
            self._add(
                AuditOrigin(event_id=event.id, address=origin.address, user_agent=origin.user_agent)
            )
