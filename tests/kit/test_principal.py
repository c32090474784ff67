from dataclasses import FrozenInstanceError

import pytest

from support.principals import principal_of
from userapi.kit.principal import Role


def test_a_principal_has_its_users_id() -> None:
    assert principal_of(7, is_admin=False).user_id == 7


def test_a_users_full_name() -> None:
    assert principal_of(7, is_admin=False).user.full_name == "Ada Lovelace"


@pytest.mark.parametrize(("is_admin", "role"), [(True, Role.ADMIN), (False, Role.USER)])
def test_the_role_comes_from_the_database(role: Role, *, is_admin: bool) -> None:
    assert principal_of(7, is_admin=is_admin).role is role


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
    assert principal_of(7, is_admin=is_admin).has_role(role) is has_it


def test_a_principal_cannot_be_changed() -> None:
    caller = principal_of(7, is_admin=False)

    with pytest.raises(FrozenInstanceError):
        caller.user.is_admin = True  # type: ignore[misc] # that is the point
