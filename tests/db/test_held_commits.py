"""Use cases whose commit is held, on an application that really commits."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import delete, select

from support.transactions import transaction_on
from userapi.users.models import User

REFUSED = "writes and locks need an open transaction"


class Work:
    """A session, use cases that commit or do not, and what others see of them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.session = app.extensions["sqlalchemy"].session
        self.transaction = transaction_on(self.session)

    def write(self, name: str) -> None:
        email = f"{name}@example.com"
        self.session.add(User(email=email, password_hash="!", first_name=name, last_name="L"))
        self.session.flush()

    def commit(self, name: str) -> None:
        """Perform a use case that commits a user of that name."""
        with self.transaction as tx:
            self.write(name)
            tx.commit()

    def roll_back(self, name: str) -> None:
        """Perform a use case that does not."""
        with self.transaction:
            self.write(name)

    def own_view(self) -> set[str]:
        return set(self.session.scalars(select(User.first_name)))

    def view_of_others(self) -> set[str]:
        with self._app.app_context():
            return self.own_view()


@pytest.fixture
def work(own_app: Flask) -> Iterator[Work]:
    with own_app.app_context():
        yield Work(own_app)


class TestHeldCommit:
    def test_nobody_sees_it_until_both_are_committed(self, work: Work) -> None:
        seen = []
        with work.transaction.hold() as tx:
            work.commit("use case")
            seen.append(work.view_of_others())
            tx.join()
            work.write("joined")
            seen.append(work.view_of_others())
            tx.commit()
            seen.append(work.view_of_others())

        assert seen == [set(), set(), {"use case", "joined"}]

    def test_its_own_session_sees_it(self, work: Work) -> None:
        with work.transaction.hold():
            work.commit("use case")

            assert work.own_view() == {"use case"}

    def test_what_was_not_flushed_is_in_it_too(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            with work.transaction as inner:
                work.write("first")
                user = work.session.scalars(select(User)).one()
                user.first_name = "changed"
                inner.commit()
            held = work.own_view()
            tx.join()
            tx.commit()

        assert (held, work.view_of_others()) == ({"changed"}, {"changed"})

    def test_the_commit_of_another_session_is_not_held(self, own_app: Flask, work: Work) -> None:
        with work.transaction.hold():
            with own_app.app_context():
                work.commit("another")

            assert work.view_of_others() == {"another"}


def leave_with_a_held_commit(work: Work) -> None:
    with work.transaction.hold():
        work.commit("use case")


def leave_after_joining(work: Work) -> None:
    with work.transaction.hold() as tx:
        work.commit("use case")
        tx.join()
        work.write("joined")


def leave_without_a_use_case(work: Work) -> None:
    with work.transaction.hold():
        pass


def leave_after_a_rollback(work: Work) -> None:
    with work.transaction.hold():
        work.roll_back("use case")


def fail_with_a_held_commit(work: Work) -> None:
    with work.transaction.hold():
        work.commit("use case")
        raise LookupError


def fail_inside_the_use_case(work: Work) -> None:
    with work.transaction.hold(), work.transaction:
        work.write("use case")
        raise LookupError


def fail_inside_the_use_case_after_its_commit(work: Work) -> None:
    with work.transaction.hold(), work.transaction as tx:
        work.write("use case")
        tx.commit()
        raise LookupError


def fail_after_joining(work: Work) -> None:
    with work.transaction.hold() as tx:
        work.commit("use case")
        tx.join()
        work.write("joined")
        raise LookupError


WAYS_TO_LEAVE = [
    leave_with_a_held_commit,
    leave_after_joining,
    leave_without_a_use_case,
    leave_after_a_rollback,
    fail_with_a_held_commit,
    fail_inside_the_use_case,
    fail_inside_the_use_case_after_its_commit,
    fail_after_joining,
]


@pytest.fixture(params=WAYS_TO_LEAVE, ids=lambda leave: leave.__name__.replace("_", " "))
def left(request: pytest.FixtureRequest, work: Work) -> Work:
    """A session whose joint transaction was left without a commit."""
    with suppress(LookupError):
        request.param(work)
    return work


class TestLeavingWithoutCommit:
    def test_nothing_is_committed(self, left: Work) -> None:
        assert left.own_view() == set()
        assert left.view_of_others() == set()

    def test_the_next_use_case_really_commits(self, left: Work) -> None:
        left.commit("next")

        assert left.view_of_others() == {"next"}

    def test_the_next_joint_commit_is_held_and_made(self, left: Work) -> None:
        with left.transaction.hold() as tx:
            left.commit("next")
            held = left.view_of_others()
            tx.join()
            tx.commit()

        assert (held, left.view_of_others()) == (set(), {"next"})

    def test_stray_writes_are_refused(self, left: Work) -> None:
        with pytest.raises(RuntimeError, match=REFUSED):
            left.session.execute(delete(User))


class TestJoining:
    def test_after_a_rollback_a_new_transaction_begins(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.roll_back("use case")
            tx.join()
            work.write("joined")
            tx.commit()

        assert work.view_of_others() == {"joined"}

    def test_without_a_use_case_a_new_transaction_begins(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            tx.join()
            work.write("joined")
            tx.commit()

        assert work.view_of_others() == {"joined"}

    def test_what_was_committed_stays_after_a_later_exception(self, work: Work) -> None:
        def fail() -> None:
            with work.transaction.hold() as tx:
                work.commit("use case")
                tx.join()
                tx.commit()
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        assert work.view_of_others() == {"use case"}


class TestSecondTransactions:
    def test_a_second_use_case_is_refused(self, work: Work) -> None:
        with work.transaction.hold():
            work.commit("use case")
            with pytest.raises(RuntimeError, match="open already"):
                work.commit("second")

        assert work.view_of_others() == set()

    def test_a_use_case_is_refused_after_joining(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            tx.join()
            with pytest.raises(RuntimeError, match="open already"):
                work.commit("second")

    def test_the_held_commit_survives_the_attempt(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.commit("use case")
            with pytest.raises(RuntimeError):
                work.commit("second")
            tx.join()
            tx.commit()

        assert work.view_of_others() == {"use case"}

    def test_a_use_case_may_follow_one_that_was_rolled_back(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.roll_back("use case")
            work.commit("second")
            tx.join()
            tx.commit()

        assert work.view_of_others() == {"second"}

    def test_a_joint_one_is_refused_inside_a_transaction(self, work: Work) -> None:
        with work.transaction, pytest.raises(RuntimeError, match="open already"):
            work.transaction.hold().__enter__()

    def test_the_transaction_survives_that_and_really_commits(self, work: Work) -> None:
        with work.transaction as tx:
            work.write("use case")
            with pytest.raises(RuntimeError):
                work.transaction.hold().__enter__()
            tx.commit()

        assert work.view_of_others() == {"use case"}

    def test_a_joint_one_is_refused_inside_a_joint_one(self, work: Work) -> None:
        with work.transaction.hold(), pytest.raises(RuntimeError, match="open already"):
            work.transaction.hold().__enter__()

    def test_nothing_is_joined_twice(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.commit("use case")
            tx.join()
            with pytest.raises(RuntimeError, match="no held commit"):
                tx.join()
            tx.commit()

        assert work.view_of_others() == {"use case"}

    def test_what_is_held_is_not_committed_before_it_is_joined(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.commit("use case")
            with pytest.raises(RuntimeError, match="no transaction to commit"):
                tx.commit()

        assert work.view_of_others() == set()


class TestGuard:
    def test_writes_are_refused_before_the_use_case(self, work: Work) -> None:
        with work.transaction.hold(), pytest.raises(RuntimeError, match=REFUSED):
            work.session.execute(delete(User))

    def test_writes_are_refused_after_the_commit(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            tx.join()
            tx.commit()
            with pytest.raises(RuntimeError, match=REFUSED):
                work.session.execute(delete(User))

    def test_writes_are_refused_after_the_block(self, work: Work) -> None:
        with work.transaction.hold() as tx:
            work.commit("use case")
            tx.join()
            tx.commit()

        with pytest.raises(RuntimeError, match=REFUSED):
            work.session.execute(delete(User))

    def test_writes_are_refused_after_the_commit_is_held(self, work: Work) -> None:
        with work.transaction.hold():
            work.commit("use case")
            with pytest.raises(RuntimeError, match=REFUSED):
                work.session.execute(delete(User))
