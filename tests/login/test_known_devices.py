"""Known devices count apart: the service with a clock that is moved."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account
from support.clocks import SetClock
from support.logins import BUCKETS, DEVICE_LIFETIME, CountedLimit
from support.rows import NOON, set_columns
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.kit.secrets import token_digest
from userapi.login.errors import AccountDeactivated, InvalidCredentials
from userapi.login.service import LoginService
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.repository import DeviceRepository
from userapi.throttling.services.throttle import RecognizedDevice, TrustedDevices

pytestmark = pytest.mark.any_database

SECOND = timedelta(seconds=1)


def fail(
    service: LoginService, email: str, device_token: str | None = None, times: int = 10
) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            service.log_in(email, "wrong password", device_token)


def number_of_devices(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(TrustedDevice)) or 0


@pytest.fixture
def device_token(service: LoginService, user: Account) -> str:
    """The token of a device from which the user has logged in."""
    return service.log_in(user.email, PASSWORD).device_token


def test_s28_a_stranger_cannot_lock_an_account_out_of_its_known_devices(
    service: LoginService, device_token: str, clock: SetClock, user: Account
) -> None:
    for failures in range(1, 51):
        fail(service, user.email, times=1)
        if failures >= 10:
            clock.move_on(timedelta(hours=1))

    assert service.log_in(user.email, PASSWORD, device_token).access_token


def test_only_failures_with_an_accounts_address_are_an_accounts(
    service: LoginService, device_token: str, db_session: Session, user: Account
) -> None:
    fail(service, user.email, times=1)
    fail(service, user.email, device_token, times=1)
    fail(service, "nobody@example.com", times=1)

    device_id = db_session.scalars(select(TrustedDevice.id)).one()
    rows = db_session.scalars(select(LoginThrottle))
    assert {row.bucket: row.is_account for row in rows} == {
        BUCKETS.of_account(user.email): True,
        BUCKETS.of_device(device_id): False,
        BUCKETS.of_account("nobody@example.com"): False,
    }


def test_only_the_digest_of_a_token_is_stored(
    device_token: str, db_session: Session, user: Account
) -> None:
    row = db_session.scalars(select(TrustedDevice)).one()

    assert row.token_hash == token_digest(device_token)
    assert (row.user_id, row.created_at, row.last_used_at) == (user.id, NOON, NOON)
    assert row.expires_at == NOON + DEVICE_LIFETIME


def test_a_known_device_keeps_its_token_and_is_known_for_longer(
    service: LoginService,
    device_token: str,
    clock: SetClock,
    db_session: Session,
    user: Account,
) -> None:
    clock.move_on(SECOND)

    result = service.log_in(user.email, PASSWORD, device_token)

    assert result.device_token == device_token
    row = db_session.scalars(select(TrustedDevice)).one()
    assert row.created_at == NOON
    assert row.last_used_at == NOON + SECOND
    assert row.expires_at == NOON + SECOND + DEVICE_LIFETIME


@pytest.mark.parametrize("token", ["uad_nobody-has-this-one", "", "é"])
def test_an_unknown_token_does_no_harm_and_is_replaced(
    service: LoginService, user: Account, token: str
) -> None:
    result = service.log_in(user.email, PASSWORD, token)

    assert result.device_token.startswith("uad_")
    assert result.device_token != token


def test_an_expired_token_is_replaced(
    service: LoginService, device_token: str, clock: SetClock, user: Account
) -> None:
    clock.move_on(DEVICE_LIFETIME)

    assert service.log_in(user.email, PASSWORD, device_token).device_token != device_token


def test_a_token_of_somebody_else_spares_no_delay(
    service: LoginService, device_token: str, other_user: Account
) -> None:
    fail(service, other_user.email, device_token)

    with pytest.raises(LoginDelayed):
        service.log_in(other_user.email, PASSWORD, device_token)


def test_failures_from_a_known_device_delay_that_device_alone(
    service: LoginService, device_token: str, user: Account
) -> None:
    fail(service, user.email, device_token)

    with pytest.raises(LoginDelayed):
        service.log_in(user.email, PASSWORD, device_token)
    assert service.log_in(user.email, PASSWORD).access_token


def test_a_success_from_a_known_device_resets_the_device(
    service: LoginService, device_token: str, user: Account
) -> None:
    fail(service, user.email, device_token, times=9)

    service.log_in(user.email, PASSWORD, device_token)

    fail(service, user.email, device_token, times=10)


def test_a_success_from_a_known_device_gives_strangers_no_new_tries(
    service: LoginService, device_token: str, user: Account
) -> None:
    fail(service, user.email)

    service.log_in(user.email, PASSWORD, device_token)

    with pytest.raises(LoginDelayed):
        service.log_in(user.email, PASSWORD)


def test_a_known_device_is_let_in_when_too_many_logins_fail_elsewhere(
    service: LoginService, device_token: str, overall: CountedLimit, user: Account
) -> None:
    overall.seconds = 77

    assert service.log_in(user.email, PASSWORD, device_token).access_token


def test_failures_from_a_known_device_do_not_count_overall(
    service: LoginService, device_token: str, overall: CountedLimit, user: Account
) -> None:
    fail(service, user.email, device_token, times=3)

    assert overall.counted == 0


def test_a_device_that_is_deleted_meanwhile_gets_a_new_token(
    scoped_session: ScopedSession, transaction: UnitOfWork, user: Account
) -> None:
    devices = TrustedDevices(
        devices=DeviceRepository(db=scoped_session),
        lifetime=DEVICE_LIFETIME,
        client_info=ClientInfo,
        clock=SetClock(),
    )

    with transaction as tx:
        token = devices.remember(user.id, RecognizedDevice(uuid.uuid4(), "uad_forgotten")).token
        tx.commit()

    assert token != "uad_forgotten"
    assert devices.find(user.email, token) is not None


def log_in_often(service: LoginService, clock: SetClock, email: str, *, come_back: bool) -> None:
    """Log in 25 times from a device that is new, and perhaps once more from each of them."""
    for _ in range(25):
        clock.move_on(SECOND)
        token = service.log_in(email, PASSWORD).device_token
        if come_back:
            clock.move_on(SECOND)
            service.log_in(email, PASSWORD, token)


@pytest.mark.parametrize("come_back", [False, True])
def test_logging_in_often_pushes_out_no_device_that_came_back(
    service: LoginService,
    device_token: str,
    clock: SetClock,
    db_session: Session,
    user: Account,
    *,
    come_back: bool,
) -> None:
    clock.move_on(SECOND)
    service.log_in(user.email, PASSWORD, device_token)

    log_in_often(service, clock, user.email, come_back=come_back)

    assert number_of_devices(db_session) == 20
    assert service.log_in(user.email, PASSWORD, device_token).device_token == device_token


def test_logging_in_often_without_a_token_pushes_out_no_device_that_was_there_before(
    service: LoginService, device_token: str, clock: SetClock, user: Account
) -> None:
    log_in_often(service, clock, user.email, come_back=False)

    assert service.log_in(user.email, PASSWORD, device_token).device_token == device_token


def test_a_new_device_is_trusted_however_many_there_are(
    service: LoginService, clock: SetClock, user: Account
) -> None:
    log_in_often(service, clock, user.email, come_back=True)

    token = service.log_in(user.email, PASSWORD).device_token

    assert service.log_in(user.email, PASSWORD, token).device_token == token


def test_a_device_that_is_not_used_for_a_month_gives_way_first(
    service: LoginService, device_token: str, clock: SetClock, user: Account
) -> None:
    clock.move_on(SECOND)
    service.log_in(user.email, PASSWORD, device_token)
    clock.move_on(timedelta(days=30))
    log_in_often(service, clock, user.email, come_back=False)

    assert service.log_in(user.email, PASSWORD, device_token).device_token != device_token


def test_a_failed_login_makes_no_device(
    service: LoginService, db_session: Session, user: Account
) -> None:
    fail(service, user.email, times=1)
    set_columns(db_session, user.id, is_active=False)
    with pytest.raises(AccountDeactivated):
        service.log_in(user.email, PASSWORD)

    assert number_of_devices(db_session) == 0
