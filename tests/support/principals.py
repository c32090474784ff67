"""Callers, for the code that is called without HTTP."""

import uuid
from datetime import UTC, datetime

from userapi.kit.principal import Principal, Role, SessionCredential

_NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def principal_of(user_id: int, role: Role = Role.USER) -> Principal:
    """Return a caller with that id and role."""
    credential = SessionCredential(uuid.uuid4(), "the token", used_at=_NOON)
    return Principal(user_id, role, credential)
