import pytest

from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.permissions import Requires
from userapi.kit.principal import Role
from userapi.users import policy
from userapi.users.errors import LastAdmin


def test_people_may_edit_themselves() -> None:
    policy.EDITING.ensure(principal_of(7), 7)


@pytest.mark.parametrize("role", [Role.USER, Role.MODERATOR])
def test_people_may_not_edit_others(role: Role) -> None:
    with pytest.raises(NotAllowed):
        policy.EDITING.ensure(principal_of(7, role), 8)


def test_admins_may_edit_others() -> None:
    policy.EDITING.ensure(principal_of(1, Role.ADMIN), 8)


@pytest.mark.parametrize("role", Role)
def test_the_directory_of_members_is_for_everybody(role: Role) -> None:
    rules = policy.directory_rules(policy.Directory.MEMBERS)

    rules.listing.ensure(principal_of(7, role))
    rules.reading.ensure(principal_of(7, role), 8)


def test_the_directory_of_admins_is_for_admins() -> None:
    rules = policy.directory_rules(policy.Directory.ADMINS)

    rules.listing.ensure(principal_of(1, Role.ADMIN))
    rules.reading.ensure(principal_of(1, Role.ADMIN), 8)


@pytest.mark.parametrize("role", [Role.USER, Role.MODERATOR])
def test_the_directory_of_admins_has_only_themselves_for_others(role: Role) -> None:
    rules = policy.directory_rules(policy.Directory.ADMINS)

    rules.reading.ensure(principal_of(7, role), 7)
    with pytest.raises(NotAllowed):
        rules.reading.ensure(principal_of(7, role), 8)
    with pytest.raises(NotAllowed):
        rules.listing.ensure(principal_of(7, role))


FOR_ADMINS = [policy.CHANGING_ACTIVITY, policy.DELETING, policy.SETTING_ROLES]


@pytest.mark.parametrize("rule", FOR_ADMINS)
def test_admins_may_change_activity_delete_users_and_set_roles(rule: Requires) -> None:
    rule.ensure(principal_of(1, Role.ADMIN))


@pytest.mark.parametrize("rule", FOR_ADMINS)
@pytest.mark.parametrize("role", [Role.USER, Role.MODERATOR])
def test_others_may_do_none_of_these(rule: Requires, role: Role) -> None:
    with pytest.raises(NotAllowed):
        rule.ensure(principal_of(7, role))


def test_the_last_admin_must_remain() -> None:
    with pytest.raises(LastAdmin):
        policy.ensure_admin_remains(1, frozenset({1}))


def test_one_of_two_admins_may_go() -> None:
    policy.ensure_admin_remains(1, frozenset({1, 2}))


def test_an_ordinary_user_may_go() -> None:
    policy.ensure_admin_remains(7, frozenset({1}))


def test_an_ordinary_user_may_go_where_no_admin_is_active() -> None:
    policy.ensure_admin_remains(7, frozenset())
