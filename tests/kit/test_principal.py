from dataclasses import FrozenInstanceError

import pytest

from support.principals import principal_of
from userapi.kit.principal import Role

RANKS = (Role.USER, Role.MODERATOR, Role.ADMIN)


def test_a_principal_has_its_users_id() -> None:
    assert principal_of(7).user_id == 7


def test_a_users_full_name() -> None:
    assert principal_of(7).user.full_name == "Ada Lovelace"


@pytest.mark.parametrize("role", Role)
def test_the_role_comes_from_the_database(role: Role) -> None:
    assert principal_of(7, role).role is role


@pytest.mark.parametrize("role", Role)
def test_only_the_role_of_admins_makes_an_admin(role: Role) -> None:
    assert principal_of(7, role).user.is_admin is (role is Role.ADMIN)


@pytest.mark.parametrize("wanted", range(3))
@pytest.mark.parametrize("own", range(3))
def test_a_role_may_do_what_those_below_it_may(own: int, wanted: int) -> None:
    assert principal_of(7, RANKS[own]).has_role(RANKS[wanted]) is (own >= wanted)


def test_a_principal_cannot_be_changed() -> None:
    caller = principal_of(7)

    with pytest.raises(FrozenInstanceError):
        caller.user.role = Role.ADMIN  # type: ignore[misc] # that is the point
