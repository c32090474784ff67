from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from support.accounts import Account
from support.rows import NOON, set_columns
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.throttling.lockout import Lockout
from userapi.throttling.models import LoginThrottle
from userapi.throttling.repository import ThrottleRepository

LOCKOUT = Lockout(free_failures=3, max_failures=20)
SECOND = timedelta(seconds=1)
Take = Callable[..., int | None]


@pytest.fixture
def throttles(scoped_session: ScopedSession) -> ThrottleRepository:
    """The repository, on the application's session."""
    return ThrottleRepository(db=scoped_session)


def test_a_new_row_says_whether_an_account_has_the_address(
    throttles: ThrottleRepository, transaction: UnitOfWork, db_session: Session, user: Account
) -> None:
    with transaction as tx:
        for bucket, email in (("hers", user.email), ("nobody's", "x@y.z"), ("device", None)):
            throttles.register_attempt(bucket, NOON, LOCKOUT, email=email)
        tx.commit()

    assert accounts_in(db_session) == {"hers": True, "nobody's": False, "device": False}


@pytest.mark.parametrize(
    ("was", "email", "is_account"),
    [
        (None, "ada@example.com", True),
        (False, "ada@example.com", True),
        (True, "x@y.z", False),
    ],
)
def test_the_next_failure_says_it_anew(
    throttles: ThrottleRepository,
    transaction: UnitOfWork,
    db_session: Session,
    *,
    user: Account,
    was: bool | None,
    email: str,
    is_account: bool,
) -> None:
    add_row(db_session, is_account=was)

    with transaction as tx:
        throttles.register_attempt("a", NOON, LOCKOUT, email=email)
        tx.commit()

    assert accounts_in(db_session) == {"a": is_account}


def test_a_deleted_account_has_its_address_no_more(
    throttles: ThrottleRepository, transaction: UnitOfWork, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON)

    with transaction as tx:
        throttles.register_attempt("a", NOON, LOCKOUT, email=user.email)
        tx.commit()

    assert accounts_in(db_session) == {"a": False}


@pytest.fixture
def take(throttles: ThrottleRepository, transaction: UnitOfWork) -> Take:
    """Take one attempt of the bucket "a" in a transaction of its own."""

    def take(now: datetime = NOON, bucket: str = "a") -> int | None:
        with transaction as tx:
            failures = throttles.register_attempt(bucket, now, LOCKOUT)
            tx.commit()
        return failures

    return take


def add_row(session: Session, bucket: str = "a", **columns: object) -> None:
    values = {"failures": 1, "blocked_until": None, "last_failed_at": NOON, **columns}
    session.execute(insert(LoginThrottle).values(bucket=bucket, **values))
    session.commit()


def accounts_in(session: Session) -> dict[str, bool | None]:
    """Return of each bucket whether it is an account's."""
    query = select(LoginThrottle.bucket, LoginThrottle.is_account)
    return {row.bucket: row.is_account for row in session.execute(query)}


def buckets_in(session: Session) -> set[str]:
    return set(session.scalars(select(LoginThrottle.bucket)))


def test_attempts_are_counted_and_the_free_ones_let_in(take: Take) -> None:
    assert [take(), take(), take()] == [1, 2, 3]


def test_after_the_free_ones_none_is_let_in(take: Take) -> None:
    for _ in range(3):
        take()

    assert take() is None


def test_a_refused_attempt_changes_nothing(take: Take, db_session: Session) -> None:
    add_row(db_session, failures=3, blocked_until=NOON + SECOND)

    assert take() is None

    row = db_session.execute(select(LoginThrottle.failures, LoginThrottle.blocked_until)).one()
    assert tuple(row) == (3, NOON + SECOND)


@pytest.mark.parametrize("failures", [1, 2, 3, 4, 9, 10, 19])
def test_the_database_delays_as_the_figures_say(
    take: Take, db_session: Session, failures: int
) -> None:
    add_row(db_session, failures=failures)

    take()

    blocked_until = db_session.scalar(select(LoginThrottle.blocked_until))
    assert blocked_until == LOCKOUT.blocked_until(failures + 1, NOON)


@pytest.mark.parametrize(("wait", "taken"), [(-SECOND, None), (timedelta(0), 4), (SECOND, 4)])
def test_one_is_let_in_when_the_delay_is_over(
    take: Take, db_session: Session, wait: timedelta, taken: int | None
) -> None:
    add_row(db_session, failures=3, blocked_until=NOON)

    assert take(NOON + wait) == taken


@pytest.mark.parametrize(("failures", "taken"), [(19, 20), (20, None), (21, None)])
def test_during_a_lockout_none_is_let_in_however_long_ago_it_began(
    take: Take, db_session: Session, failures: int, taken: int | None
) -> None:
    add_row(db_session, failures=failures, blocked_until=NOON)

    assert take(NOON + timedelta(days=365)) == taken


def test_buckets_do_not_touch_each_other(take: Take, db_session: Session) -> None:
    add_row(db_session, failures=20)

    assert take(bucket="b") == 1


def test_what_is_cleared_begins_anew(
    throttles: ThrottleRepository, transaction: UnitOfWork, take: Take, db_session: Session
) -> None:
    for bucket in ("a", "b", "c"):
        add_row(db_session, bucket)

    with transaction as tx:
        throttles.clear(["a", "b"])
        tx.commit()

    assert buckets_in(db_session) == {"c"}
    assert take() == 1


def test_a_bucket_without_failures_is_not_found(throttles: ThrottleRepository) -> None:
    assert throttles.find("a") is None


def test_old_failures_are_deleted_but_not_those_that_lock_an_account(
    throttles: ThrottleRepository, transaction: UnitOfWork, db_session: Session
) -> None:
    add_row(db_session, "old", failures=19, last_failed_at=NOON, is_account=True)
    add_row(db_session, "nobody's", failures=20, last_failed_at=NOON, is_account=False)
    add_row(db_session, "stopped", failures=20, last_failed_at=NOON, is_account=True)
    add_row(db_session, "unknown", failures=20, last_failed_at=NOON)
    add_row(db_session, "younger", failures=20, last_failed_at=NOON + SECOND, is_account=False)

    with transaction as tx:
        throttles.delete_expired(NOON, LOCKOUT, limit=10)
        tx.commit()

    assert buckets_in(db_session) == {"stopped", "unknown", "younger"}


def test_only_some_failures_are_deleted_at_once(
    throttles: ThrottleRepository, transaction: UnitOfWork, db_session: Session
) -> None:
    for number in range(12):
        add_row(db_session, f"old {number}", last_failed_at=NOON - number * SECOND)

    with transaction as tx:
        throttles.delete_expired(NOON, LOCKOUT, limit=10)
        tx.commit()

    assert buckets_in(db_session) == {"old 0", "old 1"}
