from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from idempotency.samples import (
    ANOTHER_OWNER,
    ANSWER,
    DAY,
    HELD,
    MOMENT,
    OWNER,
    REQUEST,
    add_key_row,
    answered,
    columns_of_row,
    expiring,
    keys_in,
)
from support.applications import engine_of
from support.databases import on_postgresql
from support.rows import NOON
from support.transactions import transaction_on
from userapi.db.unit_of_work import UnitOfWork
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.records import KeyedRequest
from userapi.idempotency.repository import Claim, IdempotencyKeyRepository, KnownRequest

R = TypeVar("R")

other_requests = pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, caller="user:8"),
        replace(REQUEST, operation="POST /api/v1/users"),
        replace(REQUEST, key="another"),
    ],
    ids=["caller", "operation", "key"],
)


@pytest.fixture
def desk(keys: IdempotencyKeyRepository, transaction: UnitOfWork) -> "Desk":
    return Desk(keys, transaction)


class Desk:
    """The repository, each of its calls in a transaction of its own."""

    def __init__(self, keys: IdempotencyKeyRepository, transaction: UnitOfWork) -> None:
        self.keys = keys
        self.transaction = transaction

    def claim(self, request: KeyedRequest = REQUEST, *, now: datetime) -> bool:
        """Let another one try to take the request."""
        claim = Claim(ANOTHER_OWNER, held_until=now + HELD, expires_at=now + DAY)
        return self._committed(lambda: self.keys.claim(request, claim, now))

    def keep(self, request: KeyedRequest = REQUEST) -> bool:
        return self._committed(lambda: self.keys.store(request, OWNER, ANSWER))

    def release(self, request: KeyedRequest = REQUEST) -> None:
        self._committed(lambda: self.keys.release(request, OWNER))

    def delete_expired(self, now: datetime) -> int:
        return self._committed(lambda: self.keys.delete_expired(now, limit=100))

    def _committed(self, call: Callable[[], R]) -> R:
        with self.transaction as tx:
            result = call()
            tx.commit()
        return result


class TestClaim:
    def test_a_new_request_is_taken(self, db_session: Session, desk: Desk) -> None:
        assert desk.claim(now=NOON)

        names = ("caller", "operation", "key", "fingerprint", "owner", "held_until", "expires_at")
        assert columns_of_row(db_session, *names) == (
            REQUEST.caller,
            REQUEST.operation,
            REQUEST.key,
            REQUEST.fingerprint,
            ANOTHER_OWNER,
            NOON + HELD,
            NOON + DAY,
        )

    def test_a_request_that_is_held_is_not_taken(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session)

        assert not desk.claim(now=NOON + HELD - MOMENT)
        held = columns_of_row(db_session, "owner", "held_until", "expires_at")
        assert held == (OWNER, NOON + HELD, NOON + DAY)

    def test_a_request_that_is_held_no_more_is_taken(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session)

        assert desk.claim(now=NOON + HELD)
        held = columns_of_row(db_session, "owner", "held_until", "expires_at")
        assert held == (ANOTHER_OWNER, NOON + 2 * HELD, NOON + HELD + DAY)

    def test_the_one_that_takes_it_may_bring_another_body(
        self, db_session: Session, desk: Desk
    ) -> None:
        add_key_row(db_session, fingerprint="0" * 64)

        assert desk.claim(now=NOON + HELD)
        assert columns_of_row(db_session, "fingerprint") == (REQUEST.fingerprint,)

    def test_a_request_that_was_answered_is_not_taken(
        self, db_session: Session, desk: Desk
    ) -> None:
        add_key_row(db_session, **answered())

        assert not desk.claim(now=NOON + DAY - MOMENT)
        assert columns_of_row(db_session, "owner", "body") == (OWNER, ANSWER.body)

    def test_a_request_whose_time_is_over_is_taken_without_its_answer(
        self, db_session: Session, desk: Desk
    ) -> None:
        add_key_row(db_session, **answered())

        assert desk.claim(now=NOON + DAY)
        taken = columns_of_row(db_session, "owner", "status", "headers", "body")
        assert taken == (ANOTHER_OWNER, None, None, None)

    @other_requests
    def test_other_requests_are_not_in_the_way(
        self, db_session: Session, desk: Desk, other: KeyedRequest
    ) -> None:
        add_key_row(db_session)

        assert desk.claim(other, now=NOON)
        assert len(keys_in(db_session)) == 2


class TestFind:
    def test_a_new_request_is_not_known(self, desk: Desk) -> None:
        assert desk.keys.find(REQUEST) is None

    def test_a_request_that_is_held_has_no_answer(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session)

        assert desk.keys.find(REQUEST) == KnownRequest(REQUEST.fingerprint, None)

    def test_a_request_that_was_answered_has_its_answer(
        self, db_session: Session, desk: Desk
    ) -> None:
        add_key_row(db_session, **answered())

        assert desk.keys.find(REQUEST) == KnownRequest(REQUEST.fingerprint, ANSWER)

    @other_requests
    def test_other_requests_are_not_found(
        self, db_session: Session, desk: Desk, other: KeyedRequest
    ) -> None:
        add_key_row(db_session, **answered())

        assert desk.keys.find(other) is None


class TestKeep:
    def test_its_owner_keeps_the_answer(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session)

        assert desk.keep()
        assert desk.keys.find(REQUEST) == KnownRequest(REQUEST.fingerprint, ANSWER)

    def test_nobody_else_keeps_an_answer(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session, owner=ANOTHER_OWNER)

        assert not desk.keep()
        assert columns_of_row(db_session, "status") == (None,)

    def test_nothing_is_kept_of_a_request_that_is_not_known(
        self, db_session: Session, desk: Desk
    ) -> None:
        assert not desk.keep()
        assert keys_in(db_session) == []

    @other_requests
    def test_nothing_is_kept_of_other_requests(
        self, db_session: Session, desk: Desk, other: KeyedRequest
    ) -> None:
        add_key_row(db_session)

        assert not desk.keep(other)
        assert columns_of_row(db_session, "status") == (None,)


class TestRelease:
    def test_its_owner_releases_a_request(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session)

        desk.release()

        assert keys_in(db_session) == []

    def test_nobody_else_releases_it(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session, owner=ANOTHER_OWNER)

        desk.release()

        assert keys_in(db_session) == [REQUEST.key]

    def test_one_that_was_answered_stays(self, db_session: Session, desk: Desk) -> None:
        add_key_row(db_session, **answered())

        desk.release()

        assert keys_in(db_session) == [REQUEST.key]

    @other_requests
    def test_other_requests_are_not_released(
        self, db_session: Session, desk: Desk, other: KeyedRequest
    ) -> None:
        add_key_row(db_session)

        desk.release(other)

        assert keys_in(db_session) == [REQUEST.key]


class TestForgetExpired:
    @pytest.mark.parametrize("columns", [{}, answered()], ids=["running", "answered"])
    def test_a_request_is_deleted_when_its_time_is_over(
        self, db_session: Session, desk: Desk, columns: dict[str, Any]
    ) -> None:
        add_key_row(db_session, **columns)

        desk.delete_expired(NOON + DAY)

        assert keys_in(db_session) == []

    @pytest.mark.parametrize("columns", [{}, answered()], ids=["running", "answered"])
    def test_a_request_is_known_until_then(
        self, db_session: Session, desk: Desk, columns: dict[str, Any]
    ) -> None:
        add_key_row(db_session, **columns)

        desk.delete_expired(NOON + DAY - MOMENT)

        assert keys_in(db_session) == [REQUEST.key]

    def test_many_are_deleted_some_at_a_time_the_oldest_first(
        self, db_session: Session, desk: Desk
    ) -> None:
        rows = [expiring(str(n), NOON + timedelta(seconds=n)) for n in range(250)]
        db_session.add_all(rows)
        db_session.commit()
        left, forgotten = [], []

        for _ in range(4):
            forgotten.append(desk.delete_expired(NOON + DAY))
            left.append(keys_in(db_session))

        names = [str(n) for n in range(250)]
        assert left == [names[100:], names[200:], [], []]
        assert forgotten == [100, 100, 50, 0]

    @on_postgresql
    def test_a_request_that_somebody_is_at_is_not_waited_for(self, own_app: Flask) -> None:
        with Session(engine_of(own_app)) as somebody, own_app.app_context():
            somebody.add_all([expiring("at it", NOON), expiring("left alone", NOON)])
            somebody.commit()
            somebody.execute(
                select(IdempotencyKey).where(IdempotencyKey.key == "at it").with_for_update()
            )
            session = own_app.extensions["sqlalchemy"].session
            with transaction_on(session) as tx:
                session.execute(text("SET LOCAL lock_timeout = '2s'"))
                IdempotencyKeyRepository(db=session).delete_expired(NOON + DAY, limit=100)
                tx.commit()

            assert keys_in(somebody) == ["at it"]
