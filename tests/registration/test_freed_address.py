"""The e-mail address of a deleted user is free, and nothing else of theirs is left to others."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import (
    REGISTRATION,
    Account,
    Headers,
    Login,
    log_in,
    open_login,
    register,
    try_login,
)
from support.answers import verdict
from support.paths import ME, REFRESH, USERS
from support.rows import column_of

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def old_login(client: FlaskClient, user: Account, admin_headers: Headers) -> Login:
    """The login of a user who wrote a post and was deleted then."""
    login = open_login(client, user)
    client.post(POSTS, json=DRAFT, headers=login.access)
    client.delete(user.path, headers=admin_headers)
    return login


def test_a_deleted_users_address_is_free(client: FlaskClient, user: Account) -> None:
    answer = register(client, email=user.email)

    assert answer.status_code == 201


def test_it_is_free_in_another_case(client: FlaskClient, user: Account) -> None:
    answer = register(client, email=user.email.upper())

    assert answer.status_code == 201


def test_it_is_free_once(client: FlaskClient, user: Account) -> None:
    register(client, email=user.email)

    answer = register(client, email=user.email)

    assert verdict(answer) == (409, "email-taken")


def test_the_new_user_has_a_new_id(client: FlaskClient, user: Account) -> None:
    new_id = register(client, email=user.email).get_json()["id"]

    assert new_id > user.id


def test_the_new_user_has_none_of_the_old_posts(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    new_id = register(client, email=user.email).get_json()["id"]

    page = client.get(f"{USERS}/{new_id}/posts", headers=admin_headers).get_json()

    assert (page["posts"], page["total"]) == ([], 0)


def test_the_old_post_keeps_its_author(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    register(client, email=user.email)

    page = client.get(POSTS, headers=admin_headers).get_json()

    assert [post["author_id"] for post in page["posts"]] == [user.id]


def test_the_old_tokens_stay_dead(client: FlaskClient, user: Account, old_login: Login) -> None:
    register(client, email=user.email)

    assert client.get(ME, headers=old_login.access).status_code == 401
    assert client.post(REFRESH, headers=old_login.refresh).status_code == 401


def test_the_old_password_stays_dead(client: FlaskClient, user: Account) -> None:
    register(client, email=user.email)

    answer = try_login(client, user.email, user.password)

    assert verdict(answer) == (401, "invalid-credentials")


def test_the_new_password_logs_the_new_user_in(client: FlaskClient, user: Account) -> None:
    new_id = register(client, email=user.email).get_json()["id"]

    headers = log_in(client, Account(new_id, user.email, REGISTRATION["password"]))

    assert client.get(ME, headers=headers).get_json()["id"] == new_id


def test_the_deleted_row_stays_deleted(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    register(client, email=user.email)

    assert column_of(db_session, user.id, "deleted_at") is not None
