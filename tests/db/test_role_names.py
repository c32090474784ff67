"""What roles may be called, and what needs none."""

import pytest
from sqlalchemy import create_engine

from userapi.db.roles import BadRoleName, DatabaseRoles, NoRoles, RoleNames, append_only
from userapi.features import metadata


def test_the_trail_is_what_models_say_is_only_added_to() -> None:
    assert append_only(metadata) == ["audit_events", "audit_origins"]


@pytest.mark.parametrize(
    ("owner", "service"),
    [("one", "one"), ("", "two"), ('o"ne', "two"), ("one", "two; --"), ("One", "two")],
)
def test_what_is_no_name_is_refused(owner: str, service: str) -> None:
    with pytest.raises(BadRoleName):
        RoleNames(owner, service)


def test_sqlite_has_no_roles() -> None:
    roles = DatabaseRoles(engine=create_engine("sqlite://"), metadata=metadata)

    roles.narrow()
    with pytest.raises(NoRoles, match="SQLite has no roles"):
        roles.apply(RoleNames("one", "two"), ("one", "two"))
