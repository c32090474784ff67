"""What a key may look like, and where one is read."""

import string

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from idempotency.keyed import KEY, REPLAYED, keys_in, posts_in, publish, register, with_key
from posts.samples import add_post_row
from support.accounts import Account, Headers, Login, open_login
from support.answers import assert_invalid
from support.paths import LOGIN, LOGOUT, REFRESH
from web.callers import cases

pytestmark = pytest.mark.any_database

VISIBLE = string.ascii_letters + string.digits + string.punctuation
ALLOWED = VISIBLE.replace('"', "").replace("\\", "")

good_keys = cases(
    {
        "shortest": "k",
        "longest": "k" * 255,
        "every-character": ALLOWED,
        "quoted": '"k"',
        "longest-quoted": f'"{"k" * 255}"',
    }
)
bad_keys = cases(
    {
        "empty": "",
        "quoted-empty": '""',
        "too-long": "k" * 256,
        "too-long-quoted": f'"{"k" * 256}"',
        "blank-only": " ",
        "blank-inside": "two words",
        "quoted-blank-inside": '"two words"',
        "tab-inside": "two\twords",
        "delete": "k\x7f",
        "non-ascii": "schlüssel",
        "non-latin-1": "ключ".encode().decode("latin-1"),
        "quote-inside": 'two"words',
        "opening-quote": '"k',
        "closing-quote": 'k"',
        "one-quote": '"',
        "two-quotes": '""k""',
        "single-backslash": "\\",
        "backslash-inside": "two\\words",
        "two-keys": '"k", "l"',
    }
)


@good_keys
def test_a_good_key_is_taken(client: FlaskClient, auth_headers: Headers, case: str) -> None:
    assert publish(client, auth_headers, case).status_code == 201

    again = publish(client, auth_headers, case)

    assert (again.status_code, again.headers[REPLAYED]) == (201, "true")


@bad_keys
def test_a_bad_key_is_refused(
    client: FlaskClient, db_session: Session, auth_headers: Headers, case: str
) -> None:
    answer = publish(client, auth_headers, case)

    assert_invalid(answer, "Idempotency-Key", "idempotency-key")
    assert posts_in(db_session) == 0


def test_a_bad_key_is_refused_to_those_who_register(
    client: FlaskClient, db_session: Session
) -> None:
    answer = register(client, "two words")

    assert_invalid(answer, "Idempotency-Key", "idempotency-key")


def test_a_key_in_quotes_is_the_same_key(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    first = publish(client, auth_headers, "k")
    second = publish(client, auth_headers, '"k"')

    assert second.get_json() == first.get_json()
    assert posts_in(db_session) == 1


def test_a_key_in_capitals_is_another_key(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    publish(client, auth_headers, "k")
    publish(client, auth_headers, "K")

    assert posts_in(db_session) == 2


# Operations that read no key


@pytest.fixture
def login(client: FlaskClient, user: Account) -> Login:
    """A login of `user`."""
    return open_login(client, user)


@pytest.mark.parametrize("key", [KEY, "two words"])
def test_two_logins_with_a_key_are_two_sessions(
    client: FlaskClient, db_session: Session, user: Account, key: str
) -> None:
    credentials = {"email": user.email, "password": user.password}

    first, second = (client.post(LOGIN, json=credentials, headers=with_key(key)) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.get_json()["refresh_token"] != second.get_json()["refresh_token"]
    assert keys_in(db_session) == 0


def test_a_refresh_token_is_not_given_again_for_a_key(
    client: FlaskClient, db_session: Session, login: Login
) -> None:
    first, second = (client.post(REFRESH, headers=login.refresh | with_key()) for _ in range(2))

    assert first.status_code == 200
    assert first.get_json() != second.get_json()
    assert keys_in(db_session) == 0


def test_a_logout_reads_no_key(client: FlaskClient, db_session: Session, login: Login) -> None:
    client.post(LOGOUT, headers=login.access | with_key("two words"))

    answer = client.post(LOGOUT, headers=login.access | with_key("two words"))

    assert answer.status_code == 401
    assert keys_in(db_session) == 0


def test_an_edit_reads_no_key(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    path = f"/api/v1/posts/{add_post_row(db_session, user.id)}"

    titles = [
        client.patch(path, json={"title": title}, headers=auth_headers | with_key()).get_json()
        for title in ("first", "second")
    ]

    assert [document["title"] for document in titles] == ["first", "second"]
    assert keys_in(db_session) == 0
