"""Callers, for the code that is called without HTTP."""

import uuid
from datetime import UTC, datetime

from userapi.kit.principal import Principal, Role, UserRecord

_BIRTHDAY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def principal_of(user_id: int, role: Role = Role.USER) -> Principal:
    """Return a caller with that id and role."""
    user = UserRecord(
        id=user_id,
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        is_active=True,
        role=role,
        created_at=_BIRTHDAY,
        updated_at=_BIRTHDAY,
        version=1,
    )
    return Principal(
        user=user,
        session_id=uuid.uuid4(),
        session_used_at=_BIRTHDAY,
        token_id="the token",
    )
