import uuid
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from userapi.kit.principal import Principal, Role, UserRecord

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def principal(*, is_admin: bool) -> Principal:
    user = UserRecord(
        id=7,
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        is_active=True,
        is_admin=is_admin,
        created_at=NOW,
        updated_at=NOW,
    )
    return Principal(user=user, session_id=uuid.UUID(int=1))


def test_a_principal_has_its_users_id() -> None:
    assert principal(is_admin=False).user_id == 7


def test_a_users_full_name() -> None:
    assert principal(is_admin=False).user.full_name == "Ada Lovelace"


@pytest.mark.parametrize(("is_admin", "role"), [(True, Role.ADMIN), (False, Role.USER)])
def test_the_role_comes_from_the_database(role: Role, *, is_admin: bool) -> None:
    assert principal(is_admin=is_admin).role is role


@pytest.mark.parametrize(
    ("is_admin", "role", "has_it"),
    [
        (True, Role.ADMIN, True),
        (True, Role.USER, True),
        (False, Role.USER, True),
        (False, Role.ADMIN, False),
    ],
)
def test_an_admin_may_do_what_a_user_may(role: Role, *, is_admin: bool, has_it: bool) -> None:
    assert principal(is_admin=is_admin).has_role(role) is has_it


def test_a_principal_cannot_be_changed() -> None:
    caller = principal(is_admin=False)

    with pytest.raises(FrozenInstanceError):
        caller.user.is_admin = True  # type: ignore[misc] # that is the point
