"""People close their own accounts, and admins those of others: with the same effect."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Account, Headers, Login, open_login, register, try_login
from support.answers import verdict
from support.events import Written, written
from support.paths import LOGIN, LOGOUT, ME, REFRESH, SESSIONS
from support.rows import column_of
from userapi.db.unit_of_work import UnitOfWork
from userapi.idempotency.models import IdempotencyKey
from userapi.kit.principal import Role
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose, TokenSubject
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.throttling.models import TrustedDevice
from userapi.web.services import provided

CLOSE = f"{ME}/close"

Close = Callable[[FlaskClient, Account, Headers, Headers], TestResponse]
"""Closes an account, with the tokens of its owner and of an admin."""

WAYS: dict[str, Close] = {
    "own": lambda client, _, own, __: close(client, own),
    "admins": lambda client, user, _, admins: client.delete(user.path, headers=admins),
}


def close(client: FlaskClient, headers: Headers, password: str = PASSWORD) -> TestResponse:
    """Close the account that has these tokens."""
    return client.post(CLOSE, json={"password": password}, headers=headers)


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def close_it(
    request: pytest.FixtureRequest,
    client: FlaskClient,
    user: Account,
    login: Login,
    admin_headers: Headers,
) -> Callable[[], TestResponse]:
    """What closes the account of `user`, in each way."""
    return partial(request.param, client, user, login.access, admin_headers)


@pytest.fixture
def login(client: FlaskClient, user: Account) -> Login:
    """A login of `user` over HTTP."""
    return open_login(client, user)


def test_the_account_is_gone(
    client: FlaskClient, user: Account, admin_headers: Headers, close_it: Callable[[], TestResponse]
) -> None:
    answer = close_it()

    assert (answer.status_code, answer.data) == (204, b"")
    assert verdict(client.get(user.path, headers=admin_headers)) == (404, "user-not-found")
    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")


def test_its_address_is_free(
    client: FlaskClient, user: Account, close_it: Callable[[], TestResponse]
) -> None:
    close_it()

    assert register(client, email=user.email).status_code == 201


@pytest.mark.parametrize("then", ["closed", "restored"])
def test_every_kind_of_token_is_dead(
    client: FlaskClient,
    user: Account,
    admin_headers: Headers,
    close_it: Callable[[], TestResponse],
    then: str,
) -> None:
    """Afterwards, and also when the account is there again."""
    logins = [open_login(client, user) for _ in range(3)]
    refreshed = client.post(REFRESH, headers=logins[1].refresh).get_json()
    device = try_login(client, user.email).get_json()["device_token"]
    close_it()
    if then == "restored":
        client.post(f"{user.path}/restore", headers=admin_headers)

    access = [it.access for it in logins] + [bearer_of(refreshed, "access_token")]
    refresh = [it.refresh for it in logins] + [bearer_of(refreshed, "refresh_token")]
    answers = [client.get(ME, headers=it).status_code for it in access]
    answers += [client.get(SESSIONS, headers=it).status_code for it in access]
    answers += [client.post(REFRESH, headers=it).status_code for it in refresh]
    answers += [client.post(LOGOUT, headers=it).status_code for it in refresh]
    assert set(answers) == {401}
    body = {"email": user.email, "password": PASSWORD, "device_token": device}
    again = client.post(LOGIN, json=body)
    if then == "restored":
        assert again.get_json()["device_token"] != device
    else:
        assert again.status_code == 401


def bearer_of(tokens: dict[str, str], name: str) -> Headers:
    return {"Authorization": f"Bearer {tokens[name]}"}


def test_nothing_of_its_logins_and_requests_is_kept(
    client: FlaskClient, db_session: Session, login: Login, close_it: Callable[[], TestResponse]
) -> None:
    client.post(POSTS, json=DRAFT, headers=login.access | {"Idempotency-Key": "its-key"})

    close_it()

    assert db_session.scalar(select(func.count()).select_from(TrustedDevice)) == 0
    assert db_session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_no_mailed_link_works_any_more_but_what_undoes_a_change_of_address(
    db_session: Session,
    transaction: UnitOfWork,
    user: Account,
    close_it: Callable[[], TestResponse],
) -> None:
    subject = TokenSubject(user.email, user_id=user.id)
    with transaction as tx:
        for purpose in Purpose:
            provided(OneTimeTokens).issue(purpose, subject, timedelta(days=1))
        tx.commit()

    close_it()

    assert db_session.scalars(select(OneTimeToken.purpose)).all() == [Purpose.EMAIL_UNDO]


def test_it_is_written_down_as_the_persons_own_act(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    close(client, login.access)

    assert written(db_session)[-1] == Written("user:deleted", user.id, user.id, None, {})


def test_a_wrong_password_closes_nothing(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    answer = close(client, login.access, "not the password")

    assert verdict(answer) == (403, "wrong-password")
    assert column_of(db_session, user.id, "deleted_at") is None
    assert client.get(ME, headers=login.access).status_code == 200


def test_without_a_password_nothing_is_closed(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    answer = client.post(CLOSE, json={}, headers=login.access)

    assert verdict(answer) == (400, "invalid-input")
    assert column_of(db_session, user.id, "deleted_at") is None


def test_the_last_admin_stays(
    client: FlaskClient, db_session: Session, admin_user: Account
) -> None:
    headers = open_login(client, admin_user).access

    assert verdict(close(client, headers)) == (409, "last-admin")
    assert column_of(db_session, admin_user.id, "deleted_at") is None
    assert client.get(ME, headers=headers).status_code == 200


def test_an_admin_who_is_not_the_last_may_go(
    client: FlaskClient, admin_user: Account, user: Account, admin_headers: Headers
) -> None:
    client.put(f"{user.path}/role", json={"role": Role.ADMIN}, headers=admin_headers)
    headers = open_login(client, admin_user).access

    assert close(client, headers).status_code == 204


def test_the_posts_stay(client: FlaskClient, login: Login, other_headers: Headers) -> None:
    post = client.post(POSTS, json=DRAFT, headers=login.access).get_json()

    close(client, login.access)

    assert client.get(f"{POSTS}/{post['id']}", headers=other_headers).status_code == 200


def test_a_refresh_token_closes_nothing(client: FlaskClient, login: Login) -> None:
    assert close(client, login.refresh).status_code == 401
