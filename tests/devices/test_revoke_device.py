"""Forgetting a device: one's own, and as an admin anybody's."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, bearer
from support.answers import assert_problem, verdict
from support.logins import buckets_of
from support.paths import DEVICES, LOGIN, ME
from support.rows import NOON, add_device_row
from userapi.audit.models import AuditEvent
from userapi.devices.events import DeviceEvent
from userapi.throttling.models import LoginThrottle, TrustedDevice

LogIn = Callable[..., dict[str, str]]


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
def phone(log_in: LogIn) -> dict[str, str]:
    """A login of `user` from a device."""
    return log_in()


@pytest.fixture
def device_id(db_session: Session, phone: dict[str, str]) -> uuid.UUID:
    """The id of that device."""
    return db_session.scalars(select(TrustedDevice.id)).one()


def devices_in(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(TrustedDevice)) or 0


def recorded(session: Session) -> list[Any]:
    """Return who forgot whose device, and which."""
    columns = (AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.object_id)
    wanted = AuditEvent.event == DeviceEvent.REVOKED
    return [tuple(row) for row in session.execute(select(*columns).where(wanted))]


def test_a_forgotten_device_is_known_no_longer(
    client: FlaskClient,
    auth_headers: Headers,
    phone: dict[str, str],
    device_id: uuid.UUID,
    log_in: LogIn,
) -> None:
    answer = client.delete(f"{DEVICES}/{device_id}", headers=auth_headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert log_in(phone["device_token"])["device_token"] != phone["device_token"]


def test_the_failures_of_a_forgotten_device_go_with_it(
    app: Flask,
    client: FlaskClient,
    db_session: Session,
    auth_headers: Headers,
    device_id: uuid.UUID,
) -> None:
    bucket = buckets_of(app).of_device(device_id)
    db_session.add(LoginThrottle(bucket=bucket, failures=50, last_failed_at=NOON))
    db_session.commit()

    client.delete(f"{DEVICES}/{device_id}", headers=auth_headers)

    assert db_session.scalar(select(func.count()).select_from(LoginThrottle)) == 0


def test_the_sessions_of_a_forgotten_device_go_on(
    client: FlaskClient, phone: dict[str, str], device_id: uuid.UUID
) -> None:
    headers = bearer(phone["access_token"])

    assert client.delete(f"{DEVICES}/{device_id}", headers=headers).status_code == 204

    assert client.get(ME, headers=headers).status_code == 200
    assert client.get(DEVICES, headers=headers).get_json() == {"devices": []}


def test_it_is_recorded(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    auth_headers: Headers,
    device_id: uuid.UUID,
) -> None:
    client.delete(f"{DEVICES}/{device_id}", headers=auth_headers)

    assert recorded(db_session) == [(user.id, user.id, str(device_id))]


def test_a_device_is_forgotten_once(
    client: FlaskClient, db_session: Session, auth_headers: Headers, device_id: uuid.UUID
) -> None:
    client.delete(f"{DEVICES}/{device_id}", headers=auth_headers)
    again = client.delete(f"{DEVICES}/{device_id}", headers=auth_headers)

    assert_problem(again, 404, "device-not-found")
    assert len(recorded(db_session)) == 1


def test_the_device_of_another_is_not_found_and_stays(
    client: FlaskClient, db_session: Session, other_user: Account, auth_headers: Headers
) -> None:
    theirs = add_device_row(db_session, other_user.id)

    answer = client.delete(f"{DEVICES}/{theirs}", headers=auth_headers)

    assert_problem(answer, 404, "device-not-found")
    assert (devices_in(db_session), recorded(db_session)) == (1, [])


@pytest.mark.any_database
def test_an_unknown_device_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.delete(f"{DEVICES}/{uuid.uuid4()}", headers=auth_headers)

    assert_problem(answer, 404, "device-not-found")


@pytest.mark.any_database
def test_what_is_no_uuid_leads_nowhere(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.delete(f"{DEVICES}/7", headers=auth_headers)

    assert_problem(answer, 404, "path-not-found")


def test_an_admin_forgets_the_device_of_a_user(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    device_id = add_device_row(db_session, user.id)

    answer = client.delete(f"{user.path}/devices/{device_id}", headers=admin_headers)

    assert answer.status_code == 204
    assert recorded(db_session) == [(admin_user.id, user.id, str(device_id))]


def test_an_admin_finds_a_device_only_with_its_own_user(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    other_user: Account,
    admin_headers: Headers,
) -> None:
    device_id = add_device_row(db_session, user.id)

    answer = client.delete(f"{other_user.path}/devices/{device_id}", headers=admin_headers)

    assert_problem(answer, 404, "device-not-found")
    assert devices_in(db_session) == 1


@pytest.mark.any_database
def test_a_user_may_not_forget_there(
    client: FlaskClient, db_session: Session, user: Account, moderator_headers: Headers
) -> None:
    device_id = add_device_row(db_session, user.id)

    answer = client.delete(f"{user.path}/devices/{device_id}", headers=moderator_headers)

    assert verdict(answer) == (403, "not-allowed")
