"""What the audit trail tells of logins."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account
from support.logins import BUCKETS
from support.rows import NOON, set_columns, set_session_columns
from userapi.audit.models import AuditEvent
from userapi.kit.errors import DomainError
from userapi.login.service import LoginService
from userapi.throttling.models import LoginThrottle, TrustedDevice

NOBODY = "nobody@example.com"
WRONG = "a wrong password"


def attempt(service: LoginService, email: str, password: str = WRONG) -> None:
    with pytest.raises(DomainError):
        service.log_in(email, password)


def events_in(session: Session) -> list[tuple[str, int | None, int | None, dict[str, Any]]]:
    query = select(
        AuditEvent.event, AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.details
    ).order_by(AuditEvent.id)
    return [tuple(row) for row in session.execute(query)]


def set_throttle(session: Session, email: str, failures: int) -> None:
    bucket = BUCKETS.of_account(email)
    session.add(
        LoginThrottle(bucket=bucket, failures=failures, blocked_until=NOON, last_failed_at=NOON)
    )
    session.commit()


def test_a_login_tells_whether_the_device_was_known(
    service: LoginService, db_session: Session, user: Account
) -> None:
    token = service.log_in(user.email, PASSWORD).device_token
    service.log_in(user.email, PASSWORD, token)
    service.log_in(user.email, PASSWORD)

    assert events_in(db_session) == [
        ("session:created", user.id, user.id, {"device": "first"}),
        ("session:created", user.id, user.id, {"device": "known"}),
        ("session:created", user.id, user.id, {"device": "new"}),
    ]


def devices_in(session: Session) -> list[str]:
    return [details["device"] for *_, details in events_in(session)]


def test_after_all_traces_are_gone_a_device_is_new_and_not_the_first(
    service: LoginService, db_session: Session, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)
    db_session.execute(delete(TrustedDevice))
    set_session_columns(db_session, user.id, revoked_at=NOON)

    service.log_in(user.email, PASSWORD)

    assert devices_in(db_session) == ["first", "new"]


@pytest.mark.parametrize(("age", "device"), [(29, "first"), (30, "new")])
def test_the_first_login_of_an_old_account_is_not_certain_to_be_one(
    service: LoginService, db_session: Session, user: Account, age: int, device: str
) -> None:
    set_columns(db_session, user.id, created_at=NOON - timedelta(days=age))

    service.log_in(user.email, PASSWORD)

    assert devices_in(db_session) == [device]


def test_a_wrong_password_is_written_down(
    service: LoginService, db_session: Session, user: Account
) -> None:
    attempt(service, user.email)

    details = {"reason": "password", "device": "new"}
    assert events_in(db_session) == [("login:failed", None, user.id, details)]


def test_an_unknown_address_is_written_down_without_a_subject(
    service: LoginService, db_session: Session
) -> None:
    attempt(service, NOBODY)

    details = {"reason": "password", "device": "new"}
    assert events_in(db_session) == [("login:failed", None, None, details)]


def test_a_deactivated_account_is_written_down(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    attempt(service, user.email, PASSWORD)

    details = {"reason": "deactivated", "device": "new"}
    assert events_in(db_session) == [("login:failed", None, user.id, details)]


def test_a_failure_from_a_known_device_says_so(
    service: LoginService, db_session: Session, user: Account
) -> None:
    token = service.log_in(user.email, PASSWORD).device_token
    with pytest.raises(DomainError):
        service.log_in(user.email, WRONG, token)

    details = {"reason": "password", "device": "known"}
    assert events_in(db_session)[-1] == ("login:failed", None, user.id, details)


def test_a_lockout_is_recorded_once(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_throttle(db_session, user.email, failures=49)

    attempt(service, user.email)
    attempt(service, user.email)

    assert events_in(db_session) == [
        ("login:failed", None, user.id, {"reason": "password", "device": "new"}),
        ("login:locked", None, user.id, {"failures": 50, "device": "new"}),
    ]


def test_an_attempt_that_is_not_let_in_writes_nothing(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_throttle(db_session, user.email, failures=50)

    attempt(service, user.email)

    assert events_in(db_session) == []


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_no_event_has_what_was_typed(
    service: LoginService, db_session: Session, user: Account, email: str
) -> None:
    attempt(service, email)

    written = str(events_in(db_session))
    assert email not in written
    assert WRONG not in written
