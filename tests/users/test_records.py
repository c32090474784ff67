from datetime import UTC, datetime

import pytest

from userapi.kit.principal import Role
from userapi.users.records import UserRecord

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def record_with(role: Role) -> UserRecord:
    """Return a user with that role."""
    return UserRecord(
        id=7,
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        is_active=True,
        role=role,
        created_at=NOON,
        updated_at=NOON,
        version=1,
    )


def test_a_users_full_name() -> None:
    assert record_with(Role.USER).full_name == "Ada Lovelace"


@pytest.mark.parametrize("role", Role)
def test_only_the_role_of_admins_makes_an_admin(role: Role) -> None:
    assert record_with(role).is_admin is (role is Role.ADMIN)
