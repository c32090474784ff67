from dataclasses import FrozenInstanceError

import pytest

from support.principals import principal_of
from userapi.kit.principal import Role

RANKS = (Role.USER, Role.MODERATOR, Role.ADMIN)


@pytest.mark.parametrize("wanted", range(3))
@pytest.mark.parametrize("own", range(3))
def test_a_role_may_do_what_those_below_it_may(own: int, wanted: int) -> None:
    assert principal_of(7, RANKS[own]).has_role(RANKS[wanted]) is (own >= wanted)


def test_a_principal_cannot_be_changed() -> None:
    caller = principal_of(7)

    with pytest.raises(FrozenInstanceError):
        caller.role = Role.ADMIN  # type: ignore[misc] # that is the point


def test_a_credential_cannot_be_changed() -> None:
    caller = principal_of(7)

    with pytest.raises(FrozenInstanceError):
        caller.credential.token_id = "another"  # type: ignore[misc] # that is the point
