import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Role
from userapi.sessions import policy


def test_people_manage_their_own_sessions() -> None:
    policy.MANAGING.ensure(principal_of(7), 7)


def test_admins_manage_the_sessions_of_everybody() -> None:
    policy.MANAGING.ensure(principal_of(1, role=Role.ADMIN), 7)


def test_nobody_else_manages_the_sessions_of_others() -> None:
    with pytest.raises(NotAllowed):
        policy.MANAGING.ensure(principal_of(8), 7)
