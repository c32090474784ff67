"""Criteria and orders of the directory."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import parameters, verdict
from support.paths import USERS
from support.rows import NOON, add_user_row, at_minute, set_columns
from userapi.directory.records import UserSort
from userapi.kit.clock import timestamp
from userapi.kit.principal import Role

List = Callable[..., list[str]]


@pytest.fixture
def listed(
    client: FlaskClient, admin_headers: Headers, db_session: Session, admin_user: Account
) -> List:
    """List users by criteria, without the admin who asks; return the beginnings of addresses."""
    set_columns(db_session, admin_user.id, created_at=at_minute(-1000))
    for number, (name, columns) in enumerate(PEOPLE.items()):
        add_user_row(
            db_session, f"{name}@example.com", **{"created_at": at_minute(number), **columns}
        )

    def find(query: str) -> list[str]:
        answer = client.get(f"{USERS}?{query}", headers=admin_headers)
        assert answer.status_code == 200, answer.get_json()
        found = answer.get_json()["users"]
        return [user["email"].split("@")[0] for user in found if user["id"] != admin_user.id]

    return find


PEOPLE: dict[str, dict[str, Any]] = {
    "al": {"first_name": "Ada", "last_name": "lovelace", "email_verified_at": NOON},
    "bo": {"first_name": "Bo", "last_name": "Lovelace", "role": Role.MODERATOR},
    "cy": {"first_name": "Cy", "last_name": "Adams", "is_active": False},
    "di": {"first_name": "Di", "last_name": "Zuse", "deleted_at": NOON, "is_active": False},
    "ed": {"deleted_at": NOON, "erased_at": NOON},
}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["bo", "al"]),
        ("role=moderator", ["bo"]),
        ("role=user", ["al"]),
        ("role=admin", []),
        ("is_active=false", ["cy"]),
        ("is_active=true&active_only=false", ["bo", "al"]),
        ("is_active=false&active_only=true", ["cy"]),
        ("email_verified=true", ["al"]),
        ("email_verified=false&active_only=false", ["cy", "bo"]),
        ("email_verified=false&role=user&is_active=false", ["cy"]),
        (f"created_after={timestamp(at_minute(1))}", ["bo"]),
        (f"created_before={timestamp(at_minute(1))}", ["al"]),
        ("deleted=true", ["di"]),
        ("deleted=true&is_active=true", []),
        ("deleted=true&q=zuse", ["di"]),
    ],
)
def test_all_criteria_hold(listed: List, query: str, names: list[str]) -> None:
    assert listed(query) == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("created_at", ["al", "bo", "cy"]),
        ("-created_at", ["cy", "bo", "al"]),
        ("email", ["al", "bo", "cy"]),
        ("-email", ["cy", "bo", "al"]),
        ("name", ["cy", "al", "bo"]),
        ("-name", ["bo", "al", "cy"]),
    ],
)
def test_users_come_in_the_order_that_is_asked_for(
    listed: List, sort: str, names: list[str]
) -> None:
    assert listed(f"active_only=false&sort={sort}") == names


@pytest.mark.parametrize("sort", UserSort)
def test_every_order_is_read_by_cursors(
    client: FlaskClient, admin_headers: Headers, listed: List, sort: str
) -> None:
    whole = listed(f"active_only=false&sort={sort}")

    names, cursor = [], ""
    while cursor is not None:
        query = f"active_only=false&sort={sort}&per_page=1" + (cursor and f"&cursor={cursor}")
        page = client.get(f"{USERS}?{query}", headers=admin_headers).get_json()
        names += [user["email"].split("@")[0] for user in page["users"]]
        cursor = page["next"]

    assert [name for name in names if name in whole] == whole


def test_several_users_are_read_by_their_ids(
    client: FlaskClient, auth_headers: Headers, user: Account, db_session: Session
) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com") for n in range(100)]
    query = "&".join(f"ids={user_id}" for user_id in [*ids[1:], 2**63 - 1])

    page = client.get(f"{USERS}?{query}&per_page=100", headers=auth_headers).get_json()

    assert {user["id"] for user in page["users"]} == {*ids[1:]}
    assert page["total"] == 99


def test_links_keep_all_ids(client: FlaskClient, auth_headers: Headers, user: Account) -> None:
    answer = client.get(f"{USERS}?ids={user.id}&ids=7&sort=name", headers=auth_headers)

    assert f"ids={user.id}&ids=7&sort=name" in answer.headers["Link"]


def test_closed_accounts_tell_since_when(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    add_user_row(db_session, "ada@example.com", deleted_at=NOON)

    (found,) = client.get(f"{USERS}?deleted=true", headers=admin_headers).get_json()["users"]

    assert found["deleted_at"] == timestamp(NOON)


@pytest.mark.any_database
def test_closed_accounts_are_for_admins(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}?deleted=true", headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ids=", "ids"),
        ("ids=x", "ids"),
        ("ids=0", "ids"),
        ("ids=1,2", "ids"),
        ("&".join(["ids=1"] * 101), "ids"),
        ("sort=password_hash", "sort"),
        ("sort=", "sort"),
        ("sort=name&sort=email", "sort"),
        ("role=owner", "role"),
        ("is_active=1", "is_active"),
        ("deleted=yes", "deleted"),
        ("email_verified=", "email_verified"),
        ("created_after=yesterday", "created_after"),
        ("cursor=short", "cursor"),
    ],
)
def test_a_bad_criterion_is_refused_by_name(
    client: FlaskClient, admin_headers: Headers, query: str, name: str
) -> None:
    answer = client.get(f"{USERS}?{query}", headers=admin_headers)

    assert (answer.status_code, parameters(answer)) == (400, [name])


@pytest.mark.parametrize("sort", UserSort)
def test_whatever_looks_like_a_cursor_is_a_place(
    client: FlaskClient, auth_headers: Headers, sort: str
) -> None:
    for cursor in ("A" * 14, "~" + "_" * 99, "z" * 20, "~" + "A" * 4000):
        for q in ("ada", "ada@example.com"):
            query = {"sort": sort, "q": q, "cursor": cursor}
            answer = client.get(USERS, query_string=query, headers=auth_headers)
            assert answer.status_code == 200, (query, answer.get_json())
