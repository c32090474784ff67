import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.permissions import ANY_USER, OwnerOr, Requires
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


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_whoever_has_a_role_or_one_above_it_meets_the_requirement(role: Role) -> None:
    Requires(Role.MODERATOR).ensure(principal_of(7, role))


def test_whoever_lacks_a_role_is_refused() -> None:
    with pytest.raises(NotAllowed):
        Requires(Role.MODERATOR).ensure(principal_of(7, Role.USER))


@pytest.mark.parametrize("role", Role)
def test_every_user_may_do_what_is_for_any_user(role: Role) -> None:
    ANY_USER.ensure(principal_of(7, role))
