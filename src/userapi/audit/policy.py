"""Who may read what of the audit trail."""

from dataclasses import replace

from userapi.audit.records import EventRecord
from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

SEARCHING = Requires(Role.ADMIN)
"""Who may search the whole trail."""


def as_seen_by_subject(user_id: int, event: EventRecord) -> EventRecord:
    """Return an event without its origin when that is another known person's.

    Where a stranger tried to log in is shown; where an administrator works is not.
    """
    if event.actor_id in (None, user_id):
        return event
    return replace(event, address=None, user_agent=None)
