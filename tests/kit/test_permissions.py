import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.permissions import OwnerOr
from userapi.kit.principal import Role

FOR_MODERATORS = OwnerOr(Role.MODERATOR)


@pytest.mark.parametrize("role", Role)
def test_an_owner_needs_no_role(role: Role) -> None:
    FOR_MODERATORS.ensure(principal_of(7, role), 7)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_whoever_has_the_role_need_not_be_the_owner(role: Role) -> None:
    FOR_MODERATORS.ensure(principal_of(8, role), 7)


def test_others_are_refused() -> None:
    with pytest.raises(NotAllowed):
        FOR_MODERATORS.ensure(principal_of(8, Role.USER), 7)
