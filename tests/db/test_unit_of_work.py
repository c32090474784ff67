from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Executable, delete, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from support.transactions import transaction_on
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.users.models import User

REFUSED = "writes and locks need an open transaction"


@pytest.fixture
def session(own_app: Flask) -> ScopedSession:
    scoped: ScopedSession = own_app.extensions["sqlalchemy"].session
    return scoped


@pytest.fixture
def transaction(session: ScopedSession) -> UnitOfWork:
    return transaction_on(session)


@pytest.fixture
def request_of_its_own(own_app: Flask) -> Iterator[None]:
    """The session belongs to an application context, as in a request."""
    with own_app.app_context():
        yield


pytestmark = pytest.mark.usefixtures("request_of_its_own")


def new_user(email: str = "ada@example.com") -> User:
    return User(email=email, password_hash="!", first_name="Ada", last_name="Lovelace")


def committed_emails(app: Flask) -> set[str]:
    with app.app_context():
        return set(app.extensions["sqlalchemy"].session.scalars(select(User.email)))


def add_committed(session: ScopedSession, transaction: UnitOfWork) -> None:
    with transaction as tx:
        session.add(new_user())
        tx.commit()


def test_commit_makes_changes_durable(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        session.add(new_user())
        tx.commit()

    assert committed_emails(own_app) == {"ada@example.com"}


def test_leaving_without_commit_rolls_back(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction:
        session.add(new_user())
        session.flush()

    assert committed_emails(own_app) == set()


def test_an_exception_rolls_back_and_goes_on(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    def fail() -> None:
        with transaction:
            session.add(new_user())
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert committed_emails(own_app) == set()


def test_what_was_committed_stays_after_a_later_exception(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    def fail() -> None:
        with transaction as tx:
            session.add(new_user())
            tx.commit()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert committed_emails(own_app) == {"ada@example.com"}


def test_a_transaction_follows_another(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    for email in ("a@example.com", "b@example.com"):
        with transaction as tx:
            session.add(new_user(email))
            tx.commit()

    assert committed_emails(own_app) == {"a@example.com", "b@example.com"}


def test_a_failed_commit_rolls_back(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        session.add_all([new_user("a@example.com"), new_user("A@example.com")])
        with pytest.raises(IntegrityError):
            tx.commit()

    assert committed_emails(own_app) == set()


def test_a_transaction_follows_a_failed_one(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction:
        session.add(new_user("a@"))
        with pytest.raises(IntegrityError):
            session.flush()
    add_committed(session, transaction)

    assert committed_emails(own_app) == {"ada@example.com"}


def test_nesting_raises(transaction: UnitOfWork) -> None:
    with transaction, pytest.raises(RuntimeError, match="open already"):
        transaction.__enter__()


def test_nesting_raises_after_the_commit_too(transaction: UnitOfWork) -> None:
    with transaction as tx:
        tx.commit()
        with pytest.raises(RuntimeError, match="open already"):
            transaction.__enter__()


def test_the_outer_transaction_survives_the_attempt_to_nest(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        session.add(new_user())
        with pytest.raises(RuntimeError):
            transaction.__enter__()
        tx.commit()

    assert committed_emails(own_app) == {"ada@example.com"}


STRAY = [
    pytest.param(update(User).values(first_name="Eve"), id="update"),
    pytest.param(delete(User), id="delete"),
    pytest.param(insert(User).values(email="eve@example.com"), id="insert"),
    pytest.param(select(User).with_for_update(), id="lock"),
    pytest.param(select(User.id).with_for_update(read=True), id="shared lock"),
    pytest.param(text("DELETE FROM users"), id="plain SQL"),
]


@pytest.mark.parametrize("statement", STRAY)
def test_writes_and_locks_are_refused_outside(
    session: ScopedSession, statement: Executable
) -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        session.execute(statement)


@pytest.mark.parametrize("statement", STRAY)
def test_writes_and_locks_are_refused_after_the_commit(
    session: ScopedSession, transaction: UnitOfWork, statement: Executable
) -> None:
    with transaction as tx:
        tx.commit()
        with pytest.raises(RuntimeError, match=REFUSED):
            session.execute(statement)


def test_a_flush_is_refused_outside(session: ScopedSession) -> None:
    session.add(new_user())

    with pytest.raises(RuntimeError, match=REFUSED):
        session.flush()


def test_a_flush_is_refused_after_the_commit(
    session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        tx.commit()
        session.add(new_user())
        with pytest.raises(RuntimeError, match=REFUSED):
            session.flush()


def test_the_block_may_read_after_the_commit(
    session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        session.add(new_user())
        tx.commit()
        found = session.scalar(select(User.email))

    assert found == "ada@example.com"


def test_what_was_written_stays_readable_after_the_commit(
    session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        user = new_user()
        session.add(user)
        tx.commit()

    assert not inspect(user).expired_attributes
    assert user.id == session.scalar(select(User.id))


def test_what_was_read_before_is_detached(session: ScopedSession, transaction: UnitOfWork) -> None:
    add_committed(session, transaction)
    user = session.scalars(select(User)).one()

    with transaction:
        assert inspect(user).detached


def test_changes_to_what_was_read_before_are_not_written(
    session: ScopedSession, transaction: UnitOfWork
) -> None:
    add_committed(session, transaction)
    user = session.scalars(select(User)).one()
    with transaction as tx:
        user.first_name = "Eve"
        tx.commit()

    assert session.scalar(select(User.first_name)) == "Ada"


def test_a_read_outside_sees_what_others_have_committed_since(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    before = session.scalar(select(User.email))
    with own_app.app_context():
        add_committed(session, transaction)

    assert (before, session.scalar(select(User.email))) == (None, "ada@example.com")


def test_another_thread_is_outside_and_sees_nothing_uncommitted(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    def look() -> set[str]:
        with own_app.app_context():
            with pytest.raises(RuntimeError, match=REFUSED):
                session.execute(delete(User))
            return set(session.scalars(select(User.email)))

    with ThreadPoolExecutor(1) as pool, transaction as tx:
        session.add(new_user())
        session.flush()
        during = pool.submit(look).result(timeout=20)
        tx.commit()
        after = pool.submit(look).result(timeout=20)

    assert (during, after) == (set(), {"ada@example.com"})


def test_threads_that_share_the_object_do_not_disturb_each_other(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    barrier = Barrier(4)

    def work(thread: int) -> None:
        barrier.wait(timeout=20)
        for number in range(6):
            with own_app.app_context(), transaction as tx:
                session.add(new_user(f"{thread}-{number}@example.com"))
                session.flush()
                if number % 2:
                    tx.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert committed_emails(own_app) == {
        f"{thread}-{number}@example.com" for thread in range(4) for number in (1, 3, 5)
    }


def test_a_second_commit_is_refused(transaction: UnitOfWork) -> None:
    with transaction as tx:
        tx.commit()
        with pytest.raises(RuntimeError, match="no transaction to commit"):
            tx.commit()


def test_a_commit_outside_is_refused_and_harms_nothing(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with pytest.raises(RuntimeError, match="no transaction to commit"):
        transaction.commit()
    add_committed(session, transaction)

    assert committed_emails(own_app) == {"ada@example.com"}
