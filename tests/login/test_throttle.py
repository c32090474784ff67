"""Failed logins slow down and stop further ones: the service with a clock that is moved."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, add_user
from support.clocks import SetClock
from support.logins import (
    BUCKETS,
    FULL_SECONDS,
    CountedLimit,
    Parts,
    WatchedHasher,
    login_service_of,
)
from support.rows import NOON, set_columns
from userapi.kit.errors import RateLimited
from userapi.login.errors import AccountDeactivated, InvalidCredentials
from userapi.login.service import LoginService
from userapi.throttling.errors import LoginDelayed, LoginLocked
from userapi.throttling.models import LoginThrottle

pytestmark = pytest.mark.any_database

NOBODY = "nobody@example.com"
ELSEWHERE = "192.0.2.1"


def fail(service: LoginService, email: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            service.log_in(email, "wrong password")


def refusal(service: LoginService, email: str, password: str = PASSWORD) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        service.log_in(email, password)
    return caught.value


def failures_of(session: Session, email: str) -> int | None:
    return session.scalar(
        select(LoginThrottle.failures).where(LoginThrottle.bucket == BUCKETS.of_account(email))
    )


def set_throttle(session: Session, email: str, failures: int) -> None:
    """Let so many logins have failed whose delay is over."""
    bucket = BUCKETS.of_account(email)
    session.add(
        LoginThrottle(bucket=bucket, failures=failures, blocked_until=NOON, last_failed_at=NOON)
    )
    session.commit()


def test_ten_failures_are_free(service: LoginService, user: Account) -> None:
    fail(service, user.email, times=10)


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_after_ten_failures_even_the_right_password_has_to_wait(
    service: LoginService, user: Account, email: str
) -> None:
    fail(service, email, times=10)

    refused = refusal(service, email)

    assert isinstance(refused, LoginDelayed)
    assert refused.retry_after == 30


def test_a_refused_attempt_computes_no_hash(
    service: LoginService, passwords: WatchedHasher, user: Account
) -> None:
    fail(service, user.email, times=10)

    refusal(service, user.email)

    assert passwords.verifications == 10


def test_who_knocks_while_waiting_does_not_wait_longer(
    service: LoginService, clock: SetClock, user: Account
) -> None:
    fail(service, user.email, times=10)
    refusal(service, user.email)
    clock.move_on(timedelta(seconds=20))

    assert refusal(service, user.email).retry_after == 10


def test_the_right_password_is_let_in_when_the_delay_is_over(
    service: LoginService, clock: SetClock, user: Account
) -> None:
    fail(service, user.email, times=10)
    clock.move_on(timedelta(seconds=30))

    assert service.log_in(user.email, PASSWORD).access_token


def test_the_next_failure_doubles_the_delay(
    service: LoginService, clock: SetClock, user: Account
) -> None:
    fail(service, user.email, times=10)
    clock.move_on(timedelta(seconds=30))
    fail(service, user.email)

    assert refusal(service, user.email).retry_after == 60


def test_a_success_resets_the_count(
    service: LoginService, db_session: Session, user: Account
) -> None:
    fail(service, user.email, times=9)

    service.log_in(user.email, PASSWORD)

    assert failures_of(db_session, user.email) is None
    fail(service, user.email, times=10)


def test_the_address_counts_whatever_its_case(service: LoginService, user: Account) -> None:
    fail(service, user.email.upper(), times=5)
    fail(service, user.email, times=5)

    assert isinstance(refusal(service, user.email.title()), LoginDelayed)


def test_the_address_counts_however_it_is_spelled(service: LoginService, user: Account) -> None:
    fail(service, '"ada"@example.com', times=5)
    fail(service, r'"\ada"@example.com', times=5)

    assert isinstance(refusal(service, user.email), LoginDelayed)


def test_accounts_of_before_with_one_mailbox_do_not_touch_each_other(
    service: LoginService, db_session: Session, password_hash: str, user: Account
) -> None:
    quoted = add_user(db_session, password_hash, email='"ada"@example.com')
    fail(service, user.email, times=10)

    assert service.log_in(quoted.email, PASSWORD).access_token
    assert isinstance(refusal(service, user.email), LoginDelayed)


def test_accounts_do_not_touch_each_other(
    service: LoginService, user: Account, other_user: Account
) -> None:
    fail(service, user.email, times=10)

    assert service.log_in(other_user.email, PASSWORD).access_token


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_fifty_failures_in_a_row_lock_sign_in(
    service: LoginService, db_session: Session, clock: SetClock, user: Account, email: str
) -> None:
    set_throttle(db_session, email, failures=49)
    fail(service, email)
    clock.move_on(timedelta(days=365))

    refused = refusal(service, email)

    assert isinstance(refused, LoginLocked)
    assert refused.retry_after == 3600


def test_the_fiftieth_attempt_may_still_be_right(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_throttle(db_session, user.email, failures=49)

    assert service.log_in(user.email, PASSWORD).access_token


def test_a_lower_lockout_acts_on_those_who_have_failed_before(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_throttle(db_session, user.email, failures=77)

    assert isinstance(refusal(service, user.email), LoginLocked)


def test_a_deactivated_account_counts_the_right_password_too(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)
    for _ in range(10):
        with pytest.raises(AccountDeactivated):
            service.log_in(user.email, PASSWORD)

    assert isinstance(refusal(service, user.email), LoginDelayed)


def test_eight_right_logins_under_way_do_not_trip_it(
    service: LoginService, db_session: Session, user: Account
) -> None:
    set_throttle(db_session, user.email, failures=7)

    assert service.log_in(user.email, PASSWORD).access_token


def test_an_attempt_is_counted_before_its_hash_is_computed(
    service: LoginService, passwords: WatchedHasher, db_session: Session, user: Account
) -> None:
    counted: list[int | None] = []
    passwords.meanwhile = lambda: counted.append(failures_of(db_session, user.email))

    service.log_in(user.email, PASSWORD)

    assert counted == [1]


def test_a_new_address_takes_old_failures_away(
    service: LoginService, db_session: Session, clock: SetClock
) -> None:
    fail(service, "old@example.com")
    clock.move_on(timedelta(days=90))

    fail(service, NOBODY)

    assert failures_of(db_session, "old@example.com") is None
    assert failures_of(db_session, NOBODY) == 1


def test_without_a_lockout_nothing_is_counted(
    app: Flask, parts: Parts, db_session: Session, user: Account
) -> None:
    parts.lockout = None
    with app.app_context():
        fail(login_service_of(app, parts), user.email, times=11)

    assert failures_of(db_session, user.email) is None


# The overall limit


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_a_failure_counts_overall(
    service: LoginService, overall: CountedLimit, user: Account, email: str
) -> None:
    fail(service, email, times=2)

    assert overall.counted == 2


def test_a_success_does_not_count_overall(
    service: LoginService, overall: CountedLimit, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)

    assert overall.counted == 0


def test_a_refusal_does_not_count_overall(
    service: LoginService, overall: CountedLimit, user: Account
) -> None:
    fail(service, user.email, times=10)

    refusal(service, user.email)

    assert overall.counted == 10


def test_when_too_many_logins_fail_who_has_failed_waits(
    service: LoginService, overall: CountedLimit, db_session: Session, user: Account
) -> None:
    fail(service, NOBODY)
    overall.seconds = 77

    refused = refusal(service, user.email)

    assert isinstance(refused, LoginDelayed)
    assert refused.retry_after == 77
    assert failures_of(db_session, user.email) is None


def test_when_too_many_logins_fail_others_are_let_in(
    service: LoginService, overall: CountedLimit, parts: Parts, user: Account
) -> None:
    fail(service, NOBODY)
    overall.seconds = 77
    parts.address = ELSEWHERE

    assert service.log_in(user.email, PASSWORD).access_token


def test_then_a_login_under_way_does_not_hold_the_next_one_back(
    service: LoginService,
    overall: CountedLimit,
    passwords: WatchedHasher,
    user: Account,
) -> None:
    overall.seconds = 77
    passwords.meanwhile = lambda: tokens.append(service.log_in(user.email, PASSWORD).access_token)
    tokens: list[str] = []

    tokens.append(service.log_in(user.email, PASSWORD).access_token)

    assert len(tokens) == 2


# The limit of each network


@pytest.fixture
def crowded(parts: Parts) -> Parts:
    """A network in which as many logins have failed as may."""
    parts.by_source = CountedLimit(amount=4)
    return parts


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_a_network_where_too_many_logins_fail_waits(
    app: Flask, crowded: Parts, db_session: Session, user: Account, email: str
) -> None:
    with app.app_context():
        service = login_service_of(app, crowded)
        fail(service, "others@example.com")

        refused = refusal(service, email)

    assert isinstance(refused, LoginDelayed)
    assert refused.retry_after == FULL_SECONDS
    assert failures_of(db_session, email) is None


def test_a_network_that_waits_costs_no_hash(
    app: Flask, crowded: Parts, passwords: WatchedHasher, user: Account
) -> None:
    with app.app_context():
        service = login_service_of(app, crowded)
        fail(service, NOBODY)

        refusal(service, user.email)

    assert passwords.verifications == 1


def test_a_trusted_device_is_let_in_from_a_network_that_waits(
    app: Flask, crowded: Parts, user: Account
) -> None:
    with app.app_context():
        service = login_service_of(app, crowded)
        token = service.log_in(user.email, PASSWORD).device_token
        fail(service, NOBODY)

        assert service.log_in(user.email, PASSWORD, token).access_token


@pytest.mark.parametrize("email", ["ada@example.com", NOBODY])
def test_a_refusal_counts_for_no_network(
    service: LoginService, parts: Parts, user: Account, email: str
) -> None:
    fail(service, email, times=10)
    before = dict(parts.by_source.counts)

    refusal(service, email)

    assert parts.by_source.counts == before
