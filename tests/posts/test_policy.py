import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Role
from userapi.posts import policy


def test_authors_may_write() -> None:
    policy.WRITING.ensure(principal_of(7), 7)


def test_others_may_not() -> None:
    with pytest.raises(NotAllowed):
        policy.WRITING.ensure(principal_of(8), 7)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_moderators_and_admins_may(role: Role) -> None:
    policy.WRITING.ensure(principal_of(1, role), 7)
