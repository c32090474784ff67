"""Lifting delays and stops: for admins over HTTP, for the operator and later features in code."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers
from support.answers import verdict
from support.logins import (
    BUCKETS,
    Parts,
    WatchedHasher,
    login_service_of,
    unlock_service_of,
)
from support.principals import principal_of
from support.rows import NOON, UNKNOWN_ID, set_columns
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Role
from userapi.login.service import LoginService
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.services.unlocking import UnlockService

ADMIN = principal_of(1, role=Role.ADMIN)


@pytest.fixture
def parts(settings: Settings) -> Parts:
    """What the services are made of."""
    return Parts(passwords=WatchedHasher(cost=settings.of(PasswordSettings).hashing_cost))


@pytest.fixture
def service(app: Flask, parts: Parts, db_session: Session) -> UnlockService:
    """The unlocking, on the application's session."""
    return unlock_service_of(app, parts)


@pytest.fixture
def logins(app: Flask, parts: Parts) -> LoginService:
    """Logins that count as the unlocking does."""
    return login_service_of(app, parts)


def stop(session: Session, bucket: str) -> None:
    far = NOON + timedelta(hours=1)
    session.add(LoginThrottle(bucket=bucket, failures=50, blocked_until=far, last_failed_at=NOON))
    session.commit()


def stopped_in(session: Session) -> set[str]:
    return set(session.scalars(select(LoginThrottle.bucket)))


def unlocks_in(session: Session) -> list[tuple[int | None, int | None]]:
    query = select(AuditEvent).where(AuditEvent.event == "login:unlocked")
    return [(event.actor_id, event.subject_id) for event in session.scalars(query)]


def test_an_unlocked_account_logs_in(
    app: Flask, service: UnlockService, logins: LoginService, db_session: Session, user: Account
) -> None:
    stop(db_session, BUCKETS.of_account(user.email))
    with app.app_context():
        service.unlock(ADMIN, user.id)

        assert logins.log_in(user.email, PASSWORD).access_token


def session_view(session: Session, user: Account) -> uuid.UUID:
    """Commit a device of that user; return its id."""
    device = TrustedDevice(
        id=uuid.uuid4(),
        user_id=user.id,
        token_hash=user.email,
        created_at=NOON,
        last_used_at=NOON,
        expires_at=NOON,
    )
    session.add(device)
    session.commit()
    return device.id


def test_the_devices_are_unlocked_too_and_nobody_else(
    app: Flask, service: UnlockService, db_session: Session, user: Account, other_user: Account
) -> None:
    stop(db_session, BUCKETS.of_account(user.email))
    stop(db_session, BUCKETS.of_device(session_view(db_session, user)))
    others = {
        BUCKETS.of_account(other_user.email),
        BUCKETS.of_device(session_view(db_session, other_user)),
    }
    for bucket in others:
        stop(db_session, bucket)

    with app.app_context():
        service.unlock(ADMIN, user.id)

    assert stopped_in(db_session) == others


def test_an_address_stored_in_another_case_is_unlocked(
    app: Flask, service: UnlockService, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, email="Ada@Example.com")
    stop(db_session, BUCKETS.of_account("ada@example.com"))

    with app.app_context():
        service.unlock(ADMIN, user.id)

    assert stopped_in(db_session) == set()


@pytest.mark.parametrize("columns", [{}, {"is_active": False}])
def test_the_operator_unlocks_by_address(
    app: Flask,
    service: UnlockService,
    db_session: Session,
    user: Account,
    columns: dict[str, bool],
) -> None:
    set_columns(db_session, user.id, email=user.email, **columns)
    stop(db_session, BUCKETS.of_account(user.email))

    with app.app_context():
        assert service.unlock_address(user.email.upper())

    assert stopped_in(db_session) == set()
    assert unlocks_in(db_session) == [(None, user.id)]


@pytest.mark.parametrize("spelling", ["nobody@example.com", "Nobody@Example.com"])
def test_an_address_that_nobody_has_is_unlocked_too(
    app: Flask, service: UnlockService, db_session: Session, user: Account, spelling: str
) -> None:
    stop(db_session, BUCKETS.of_account("nobody@example.com"))
    stop(db_session, BUCKETS.of_account(user.email))

    with app.app_context():
        has_account = service.unlock_address(spelling)

    assert not has_account
    assert stopped_in(db_session) == {BUCKETS.of_account(user.email)}
    assert unlocks_in(db_session) == [(None, None)]


def test_only_admins_unlock(app: Flask, service: UnlockService, user: Account) -> None:
    with app.app_context(), pytest.raises(NotAllowed):
        service.unlock(principal_of(user.id), user.id)


# Over HTTP


def test_an_admin_unlocks(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    answer = client.post(f"{user.path}/unlock", headers=admin_headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert unlocks_in(db_session) == [(admin_user.id, user.id)]


def test_nobody_unlocks_themselves(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.post(f"{user.path}/unlock", headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.post(f"/api/v1/users/{UNKNOWN_ID}/unlock", headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_a_deleted_user_is_not_found(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON)

    answer = client.post(f"{user.path}/unlock", headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")
