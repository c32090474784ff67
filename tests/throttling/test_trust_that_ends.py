"""When an account's sessions end, its devices are not trusted any longer either."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, bearer
from support.answers import verdict
from support.logins import buckets_of
from support.paths import LOGIN, LOGOUT, REFRESH, SESSIONS
from support.rows import NOON
from userapi.throttling.lockout import Buckets
from userapi.throttling.models import LoginThrottle, TrustedDevice

LogIn = Callable[..., dict[str, str]]
IsTrusted = Callable[[dict[str, str]], bool]


@pytest.fixture
def log_in(client: FlaskClient, user: Account) -> LogIn:
    """Log `user` in, perhaps with the token of a device; return what the answer has."""

    def log_in(device_token: str | None = None) -> dict[str, str]:
        login = {"email": user.email, "password": PASSWORD}
        if device_token is not None:
            login["device_token"] = device_token
        answer: dict[str, str] = client.post(LOGIN, json=login).get_json()
        return answer

    return log_in


@pytest.fixture
def is_trusted(log_in: LogIn) -> IsTrusted:
    """Say whether the device of an earlier login is known by its token."""

    def is_trusted(login: dict[str, str]) -> bool:
        return log_in(login["device_token"])["device_token"] == login["device_token"]

    return is_trusted


def devices_of(session: Session, user: Account) -> int:
    wanted = TrustedDevice.user_id == user.id
    return session.scalar(select(func.count()).where(wanted)) or 0


def lock(session: Session, *names: str) -> None:
    """Lock the counters with these names."""
    row = {"failures": 50, "blocked_until": None, "last_failed_at": NOON}
    session.add_all(LoginThrottle(bucket=name, **row) for name in names)
    session.commit()


def only_device_in(session: Session, buckets: Buckets) -> str:
    """Return the name of the counter of the only device."""
    return buckets.of_device(session.scalars(select(TrustedDevice.id)).one())


def test_a_deactivated_user_has_no_trusted_device(
    client: FlaskClient, db_session: Session, user: Account, log_in: LogIn, admin_headers: Headers
) -> None:
    log_in()

    client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    assert devices_of(db_session, user) == 0


def test_activation_trusts_no_device_again(
    client: FlaskClient, user: Account, log_in: LogIn, is_trusted: IsTrusted, admin_headers: Headers
) -> None:
    login = log_in()
    for is_active in (False, True):
        client.patch(user.path, json={"is_active": is_active}, headers=admin_headers)

    assert not is_trusted(login)


def test_another_edit_leaves_the_devices(
    client: FlaskClient, user: Account, log_in: LogIn, is_trusted: IsTrusted, admin_headers: Headers
) -> None:
    login = log_in()
    client.patch(user.path, json={"first_name": "Augusta"}, headers=admin_headers)

    assert is_trusted(login)


def test_a_deleted_user_has_no_trusted_device(
    client: FlaskClient, db_session: Session, user: Account, log_in: LogIn, admin_headers: Headers
) -> None:
    log_in()

    client.delete(user.path, headers=admin_headers)

    assert devices_of(db_session, user) == 0


def test_the_failures_of_a_deleted_user_go_with_it(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    log_in: LogIn,
    admin_headers: Headers,
) -> None:
    log_in()
    buckets = buckets_of(client.application)
    lock(db_session, buckets.of_account(user.email), only_device_in(db_session, buckets))

    client.delete(user.path, headers=admin_headers)

    assert db_session.scalar(select(func.count()).select_from(LoginThrottle)) == 0


def test_a_removal_that_is_refused_leaves_the_devices(
    client: FlaskClient, db_session: Session, admin_user: Account, admin_headers: Headers
) -> None:
    client.post(LOGIN, json={"email": admin_user.email, "password": PASSWORD})

    answer = client.delete(admin_user.path, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")
    assert devices_of(db_session, admin_user) == 1


def test_ending_all_other_sessions_leaves_the_device_that_asks(
    client: FlaskClient, log_in: LogIn, is_trusted: IsTrusted
) -> None:
    other, own = log_in(), log_in()

    client.delete(SESSIONS, headers=bearer(own["access_token"]))

    assert is_trusted(own)
    assert not is_trusted(other)


def test_a_device_that_came_back_is_the_one_that_asks_too(
    client: FlaskClient, log_in: LogIn, is_trusted: IsTrusted
) -> None:
    own = log_in()
    again = log_in(own["device_token"])
    log_in()

    client.delete(SESSIONS, headers=bearer(again["access_token"]))

    assert is_trusted(own)


def test_an_admin_who_ends_a_users_sessions_ends_the_trust_in_all_its_devices(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    log_in: LogIn,
    admin_headers: Headers,
) -> None:
    log_in()

    client.delete(f"{user.path}/sessions", headers=admin_headers)

    assert devices_of(db_session, user) == 0


def test_logging_out_leaves_the_device(
    client: FlaskClient, log_in: LogIn, is_trusted: IsTrusted
) -> None:
    login = log_in()

    client.post(LOGOUT, headers=bearer(login["access_token"]))

    assert is_trusted(login)


def test_a_reused_refresh_token_ends_the_trust_in_its_device_alone(
    client: FlaskClient, log_in: LogIn, is_trusted: IsTrusted
) -> None:
    login, other = log_in(), log_in()
    refresh = bearer(login["refresh_token"])
    newer = client.post(REFRESH, headers=refresh).get_json()
    client.post(REFRESH, headers=bearer(newer["refresh_token"]))

    answer = client.post(REFRESH, headers=refresh)

    assert verdict(answer) == (401, "refresh-token-reused")
    assert not is_trusted(login)
    assert is_trusted(other)


def test_the_failures_from_a_device_go_with_the_trust_in_it(
    client: FlaskClient, db_session: Session, log_in: LogIn
) -> None:
    refresh = bearer(log_in()["refresh_token"])
    lock(db_session, only_device_in(db_session, buckets_of(client.application)))
    newer = client.post(REFRESH, headers=refresh).get_json()
    client.post(REFRESH, headers=bearer(newer["refresh_token"]))

    client.post(REFRESH, headers=refresh)

    assert db_session.scalar(select(func.count()).select_from(LoginThrottle)) == 0
