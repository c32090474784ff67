"""The password once more: counted before it is looked at, and apart from logins."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, try_login
from support.answers import verdict
from support.clocks import SetClock
from support.events import written
from support.logins import (
    BUCKETS,
    Parts,
    WatchedHasher,
    audit_of,
    login_service_of,
    unlock_service_of,
)
from support.paths import PASSWORD_CHANGE
from support.principals import principal_of
from support.reset_links import NEW_PASSWORD
from support.rows import NOON, set_columns
from support.signing_in import sign_in
from support.transactions import transaction_on
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.errors import SessionEnded
from userapi.kit.principal import Principal
from userapi.passwords.errors import PasswordDelayed, PasswordLocked, WrongPassword
from userapi.passwords.services.changing import PasswordChangeService
from userapi.passwords.services.proof import PasswordProof
from userapi.throttling.models import LoginThrottle
from userapi.throttling.repository import ThrottleRepository
from userapi.throttling.services.throttle import ProofThrottle
from userapi.users.repository import UserRepository
from userapi.web.services import provided

WRONG = "not my password"

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("callers_as_given")]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def parts(settings: Settings, clock: SetClock) -> Parts:
    """What the services are made of."""
    cost = settings.of(PasswordSettings).hashing_cost
    return Parts(passwords=WatchedHasher(cost=cost), clock=clock)


@pytest.fixture
def proof(app: Flask, db_session: Session, parts: Parts) -> Iterator[PasswordProof]:
    """The proof, on the application's session, in which wrong passwords count."""
    session = app.extensions["sqlalchemy"].session
    with app.app_context():
        yield PasswordProof(
            transaction=transaction_on(session),
            users=UserRepository(db=session),
            passwords=parts.passwords,
            throttle=ProofThrottle(
                throttles=ThrottleRepository(db=session),
                buckets=BUCKETS,
                lockout=parts.lockout,
                retention=timedelta(days=90),
                clock=parts.clock,
            ),
            audit=audit_of(app, parts),
        )


@pytest.fixture
def caller(user: Account) -> Principal:
    return principal_of(user.id)


def fail(proof: PasswordProof, caller: Principal, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            proof.check(caller, WRONG)


def fill(session: Session, user_id: int, failures: int) -> None:
    """Let so many passwords be wrong already, the last of them long ago."""
    row = LoginThrottle(
        bucket=BUCKETS.of_proof(user_id),
        failures=failures,
        blocked_until=NOON,
        last_failed_at=NOON,
        is_account=False,
    )
    session.add(row)
    session.commit()


def test_the_right_password_is_proven(proof: PasswordProof, caller: Principal) -> None:
    assert proof.check(caller, PASSWORD).user_id == caller.user_id


def test_after_ten_wrong_ones_even_the_right_one_has_to_wait(
    proof: PasswordProof, caller: Principal, clock: SetClock
) -> None:
    fail(proof, caller, 10)

    with pytest.raises(PasswordDelayed) as caught:
        proof.check(caller, PASSWORD)
    assert caught.value.retry_after == 30
    clock.forward(30)
    proof.check(caller, PASSWORD)


def test_no_more_hashes_are_computed_than_failures_are_free(
    proof: PasswordProof, caller: Principal, parts: Parts
) -> None:
    fail(proof, caller, 10)
    for _ in range(20):
        with pytest.raises(PasswordDelayed):
            proof.check(caller, WRONG)

    assert isinstance(parts.passwords, WatchedHasher)
    assert parts.passwords.verifications == 10


def test_a_right_one_begins_the_count_anew(proof: PasswordProof, caller: Principal) -> None:
    for _ in range(3):
        fail(proof, caller, 9)
        proof.check(caller, PASSWORD)


def test_fifty_wrong_ones_lock_and_that_is_written_down_once(
    db_session: Session, proof: PasswordProof, caller: Principal
) -> None:
    fill(db_session, caller.user_id, 49)

    fail(proof, caller, 1)
    for _ in range(2):
        with pytest.raises(PasswordLocked):
            proof.check(caller, PASSWORD)

    events = [(it.event, it.subject_id) for it in written(db_session)]
    assert events == [
        ("password:refused", caller.user_id),
        ("password:locked", caller.user_id),
    ]


def test_s25_wrong_ones_hold_up_no_login(
    app: Flask, db_session: Session, parts: Parts, proof: PasswordProof, user: Account
) -> None:
    fill(db_session, user.id, 49)
    fail(proof, principal_of(user.id), 1)

    assert login_service_of(app, parts).log_in(user.email, PASSWORD).access_token


def test_failed_logins_hold_up_no_proof(
    db_session: Session, proof: PasswordProof, user: Account
) -> None:
    bucket = BUCKETS.of_account(user.email)
    db_session.add(LoginThrottle(bucket=bucket, failures=50, last_failed_at=NOON))
    db_session.commit()

    proof.check(principal_of(user.id), PASSWORD)


def test_wrong_ones_of_one_user_hold_up_no_other(
    proof: PasswordProof, user: Account, other_user: Account
) -> None:
    fail(proof, principal_of(user.id), 10)

    proof.check(principal_of(other_user.id), PASSWORD)


def test_unlocking_the_account_ends_it(
    app: Flask, db_session: Session, parts: Parts, proof: PasswordProof, user: Account
) -> None:
    fill(db_session, user.id, 50)

    unlock_service_of(app, parts).unlock_address(user.email)

    proof.check(principal_of(user.id), PASSWORD)


def test_the_count_is_nobodys_address(
    db_session: Session, proof: PasswordProof, caller: Principal
) -> None:
    fail(proof, caller, 1)

    row = db_session.execute(select(LoginThrottle.is_account, LoginThrottle.failures)).one()
    assert tuple(row) == (False, 1)


def test_a_wrong_one_takes_old_failures_away(
    db_session: Session,
    proof: PasswordProof,
    caller: Principal,
    clock: SetClock,
    other_user: Account,
) -> None:
    fill(db_session, other_user.id, 3)
    clock.move_on(timedelta(days=90))

    fail(proof, caller, 1)

    kept = db_session.scalars(select(LoginThrottle.bucket)).all()
    assert kept == [BUCKETS.of_proof(caller.user_id)]


def test_a_deleted_caller_proves_nothing(
    db_session: Session, proof: PasswordProof, caller: Principal
) -> None:
    set_columns(db_session, caller.user_id, deleted_at=NOON)

    with pytest.raises(SessionEnded):
        proof.check(caller, PASSWORD)


def test_a_password_that_was_replaced_since_is_no_proof(
    app: Flask, db_session: Session, proof: PasswordProof, caller: Principal
) -> None:
    proven = proof.check(caller, PASSWORD)
    set_columns(db_session, caller.user_id, password_hash="another")
    session = app.extensions["sqlalchemy"].session

    with transaction_on(session):
        user = UserRepository(db=session).get_for_update(caller.user_id)
        with pytest.raises(WrongPassword):
            proof.confirm(proven, user)


def test_the_proof_of_one_user_is_none_of_another(
    app: Flask, proof: PasswordProof, user: Account, other_user: Account
) -> None:
    proven = proof.check(principal_of(user.id), PASSWORD)
    session = app.extensions["sqlalchemy"].session

    with transaction_on(session):
        other = UserRepository(db=session).get_for_update(other_user.id)
        with pytest.raises(SessionEnded):
            proof.confirm(proven, other)


def test_delays_are_told_by_429(
    client: FlaskClient, proof: PasswordProof, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(proof, principal_of(user.id), 10)
    monkeypatch.setattr(provided(PasswordChangeService), "_proof", proof)
    headers = sign_in(client, user)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    answer = client.post(PASSWORD_CHANGE, json=body, headers=headers)

    assert verdict(answer) == (429, "password-delayed")
    assert answer.headers["Retry-After"] == "30"
    assert try_login(client, user.email).status_code == 200
