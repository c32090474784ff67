from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import numbered, parameters
from support.paths import ME, USERS
from support.rows import NOON, add_user_row, at_minute, set_columns


def listed_ids(document: dict[str, Any]) -> list[int]:
    return [user["id"] for user in document["users"]]


def test_a_list_comes_in_an_envelope(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    document = client.get(USERS, headers=auth_headers).get_json()

    assert listed_ids(document) == [user.id]
    del document["users"]
    assert numbered(document) == {"page": 1, "per_page": 20, "total": 1, "pages": 1}


def test_a_listed_user_looks_like_one_that_is_read(
    client: FlaskClient, auth_headers: Headers
) -> None:
    document = client.get(USERS, headers=auth_headers).get_json()

    assert document["users"] == [client.get(ME, headers=auth_headers).get_json()]


def test_the_newest_come_first(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    middle = add_user_row(db_session, "b@example.com", created_at=at_minute(2))
    oldest = add_user_row(db_session, "a@example.com", created_at=at_minute(1))
    newest = add_user_row(db_session, "c@example.com", created_at=at_minute(3))
    set_columns(db_session, user.id, created_at=at_minute(0))

    document = client.get(USERS, headers=auth_headers).get_json()

    assert listed_ids(document) == [newest, middle, oldest, user.id]


def test_users_of_the_same_moment_are_ordered_by_id(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]
    set_columns(db_session, user.id, created_at=NOON)

    document = client.get(USERS, headers=auth_headers).get_json()

    assert listed_ids(document) == [*reversed(ids), user.id]


def test_pages_of_users_of_the_same_moment_neither_repeat_nor_omit_one(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]

    pages = [
        client.get(f"{USERS}?page={page}&per_page=2", headers=auth_headers).get_json()
        for page in (1, 2, 3)
    ]

    found = [user_id for document in pages for user_id in listed_ids(document)]
    assert sorted(found) == sorted([user.id, *ids])


def test_the_last_page_has_the_rest(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    add_user_row(db_session, "a@example.com")
    add_user_row(db_session, "b@example.com")

    document = client.get(f"{USERS}?page=2&per_page=2", headers=auth_headers).get_json()

    assert len(document.pop("users")) == 1
    assert numbered(document) == {"page": 2, "per_page": 2, "total": 3, "pages": 2}


def test_a_page_past_the_end_is_an_empty_list(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}?page=9", headers=auth_headers)

    assert answer.status_code == 200
    assert numbered(answer.get_json()) == {
        "users": [],
        "page": 9,
        "per_page": 20,
        "total": 1,
        "pages": 1,
    }


@pytest.mark.parametrize("query", ["", "?active_only=true"])
def test_deactivated_users_are_left_out(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers, query: str
) -> None:
    add_user_row(db_session, "a@example.com", is_active=False)

    document = client.get(f"{USERS}{query}", headers=auth_headers).get_json()

    assert (listed_ids(document), document["total"]) == ([user.id], 1)


def test_deactivated_users_are_listed_on_request(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    inactive = add_user_row(db_session, "a@example.com", is_active=False)

    document = client.get(f"{USERS}?active_only=false", headers=auth_headers).get_json()

    assert set(listed_ids(document)) == {user.id, inactive}


@pytest.mark.parametrize("choice", ["true", "false"])
def test_deleted_users_are_never_listed(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers, choice: str
) -> None:
    add_user_row(db_session, "a@example.com", deleted_at=NOON)

    document = client.get(f"{USERS}?active_only={choice}", headers=auth_headers).get_json()

    assert (listed_ids(document), document["total"]) == ([user.id], 1)


def test_a_hundred_users_fit_on_a_page(client: FlaskClient, auth_headers: Headers) -> None:
    document = client.get(f"{USERS}?per_page=100", headers=auth_headers).get_json()

    assert document["per_page"] == 100


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "first"),
        ("page", ""),
        ("per_page", "0"),
        ("per_page", "101"),
        ("active_only", "yes"),
        ("active_only", "1"),
        ("active_only", ""),
        ("color", "red"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(
    client: FlaskClient, auth_headers: Headers, name: str, value: str
) -> None:
    answer = client.get(USERS, query_string={name: value}, headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == [name]


@pytest.mark.any_database
@pytest.mark.parametrize("name", ["page", "per_page", "active_only", "color"])
def test_a_repeated_parameter_is_refused_by_name(
    client: FlaskClient, auth_headers: Headers, name: str
) -> None:
    answer = client.get(f"{USERS}?{name}=1&{name}=1", headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == [name]


@pytest.mark.any_database
def test_every_bad_parameter_is_named_at_once(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}?page=0&per_page=x&color=red", headers=auth_headers)

    named = {error["parameter"] for error in answer.get_json()["errors"]}
    assert named == {"page", "per_page", "color"}
