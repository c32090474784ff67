import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.permissions import Requires
from userapi.kit.principal import Role
from userapi.users import policy
from userapi.users.errors import LastAdmin


def test_people_may_edit_themselves() -> None:
    policy.ensure_may_edit(principal_of(7), 7, changes_activity=False)


def test_people_may_not_edit_others() -> None:
    with pytest.raises(NotAllowed):
        policy.ensure_may_edit(principal_of(7), 8, changes_activity=False)


def test_people_may_not_change_their_own_activity() -> None:
    with pytest.raises(NotAllowed):
        policy.ensure_may_edit(principal_of(7), 7, changes_activity=True)


def test_people_may_not_change_the_activity_of_others() -> None:
    with pytest.raises(NotAllowed):
        policy.ensure_may_edit(principal_of(7), 8, changes_activity=True)


def test_admins_may_edit_others() -> None:
    policy.ensure_may_edit(principal_of(1, Role.ADMIN), 8, changes_activity=False)


def test_admins_may_change_the_activity_of_others() -> None:
    policy.ensure_may_edit(principal_of(1, Role.ADMIN), 8, changes_activity=True)


@pytest.mark.parametrize("rule", [policy.DELETING, policy.SETTING_ROLES])
def test_admins_may_delete_users_and_set_roles(rule: Requires) -> None:
    rule.ensure(principal_of(1, Role.ADMIN))


@pytest.mark.parametrize("rule", [policy.DELETING, policy.SETTING_ROLES])
@pytest.mark.parametrize("role", [Role.USER, Role.MODERATOR])
def test_others_may_neither_delete_users_nor_set_roles(rule: Requires, role: Role) -> None:
    with pytest.raises(NotAllowed):
        rule.ensure(principal_of(7, role))


def test_moderators_may_no_more_to_users_than_others() -> None:
    moderator = principal_of(2, Role.MODERATOR)
    with pytest.raises(NotAllowed):
        policy.ensure_may_edit(moderator, 8, changes_activity=False)
    with pytest.raises(NotAllowed):
        policy.ensure_may_edit(moderator, 2, changes_activity=True)


def test_the_last_admin_must_remain() -> None:
    with pytest.raises(LastAdmin):
        policy.ensure_admin_remains(1, frozenset({1}))


def test_one_of_two_admins_may_go() -> None:
    policy.ensure_admin_remains(1, frozenset({1, 2}))


def test_an_ordinary_user_may_go() -> None:
    policy.ensure_admin_remains(7, frozenset({1}))


def test_an_ordinary_user_may_go_where_no_admin_is_active() -> None:
    policy.ensure_admin_remains(7, frozenset())
