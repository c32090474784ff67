"""Who may bring back whom, and until when."""

from datetime import datetime, timedelta

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

RESTORING = Requires(Role.ADMIN)
"""Who may restore closed accounts."""


def is_due(closed_at: datetime, grace: timedelta, now: datetime) -> bool:
    """Say whether an account that was closed then is to be erased, and not to be restored."""
    return closed_at <= now - grace
