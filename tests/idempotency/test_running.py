"""The time that passes while requests are running, and after it."""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy.orm import Session

from idempotency.callers import Callers, fail, names_in
from idempotency.samples import ANSWER, DAY, HELD, MOMENT, REQUEST, columns_of_row, keys_in
from support.databases import on_postgresql
from support.rows import NOON
from userapi.idempotency.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from userapi.idempotency.records import Answer

AGAIN = replace(ANSWER, is_replayed=True)
OTHER_BODY = replace(REQUEST, fingerprint="0" * 64)


class TestTime:
    def test_an_answer_is_kept_for_a_day(self, callers: Callers) -> None:
        callers.run(callers.commits("first"))
        callers.now += DAY - MOMENT

        assert callers.run(callers.commits("second")) == AGAIN

    def test_then_the_key_is_free_again(self, callers: Callers, committed: Session) -> None:
        callers.run(callers.commits("first"))
        callers.now += DAY

        assert callers.run(callers.commits("second"), OTHER_BODY) == ANSWER
        assert names_in(committed) == ["first", "second"]

    def test_what_is_expired_is_deleted_by_any_request(
        self, callers: Callers, committed: Session
    ) -> None:
        callers.run(callers.commits("first"))
        callers.now += DAY

        callers.run(callers.commits("second"), replace(REQUEST, key="another"))

        assert keys_in(committed) == ["another"]


class TestRunning:
    """What others are told while the first request is running."""

    def test_it_is_told_to_be_in_use(self, callers: Callers, committed: Session) -> None:
        def perform() -> Answer:
            callers.now += HELD - MOMENT
            with pytest.raises(IdempotencyKeyInUse):
                callers.run(callers.commits("second"))
            return callers.commits("first")()

        assert callers.run(perform) == ANSWER
        assert names_in(committed) == ["first"]

    def test_another_body_is_refused_then_too(self, callers: Callers) -> None:
        def perform() -> Answer:
            with pytest.raises(IdempotencyKeyReused):
                callers.run(callers.commits("second"), OTHER_BODY)
            return ANSWER

        assert callers.run(perform) == ANSWER

    def test_its_row_has_no_answer_yet(self, callers: Callers, committed: Session) -> None:
        during = []

        def perform() -> Answer:
            during.append(columns_of_row(committed, "held_until", "expires_at", "status"))
            return ANSWER

        callers.run(perform)

        assert during == [(NOON + HELD, NOON + DAY, None)]
        assert columns_of_row(committed, "status", "body") == (ANSWER.status, ANSWER.body)

    def test_a_slow_one_that_nobody_replaced_is_kept(
        self, callers: Callers, committed: Session
    ) -> None:
        def perform() -> Answer:
            callers.now += 2 * HELD
            return callers.commits("first")()

        assert callers.run(perform) == ANSWER
        assert callers.run(callers.commits("second")) == AGAIN
        assert names_in(committed) == ["first"]


class TestTakenOver:
    """A request that runs so long that another one takes its place."""

    def slow(self, callers: Callers) -> Callable[[], Answer]:
        """Return what is replaced before it commits."""

        def perform() -> Answer:
            callers.now += HELD
            callers.run(callers.commits("second"))
            return callers.commits("first")()

        return perform

    def test_the_slow_one_is_told_that_its_key_is_in_use(self, callers: Callers) -> None:
        with pytest.raises(IdempotencyKeyInUse):
            callers.run(self.slow(callers))

    def test_only_the_effect_of_the_other_one_counts(
        self, callers: Callers, committed: Session
    ) -> None:
        with pytest.raises(IdempotencyKeyInUse):
            callers.run(self.slow(callers))

        assert names_in(committed) == ["second"]

    @on_postgresql
    def test_an_effect_that_was_written_before_is_rolled_back(
        self, callers: Callers, committed: Session
    ) -> None:
        def perform() -> Answer:
            answer = callers.commits("first")()
            callers.now += HELD
            callers.run(callers.commits("second"))
            return answer

        with pytest.raises(IdempotencyKeyInUse):
            callers.run(perform)

        assert names_in(committed) == ["second"]

    def test_the_answer_of_the_other_one_is_given_again(self, callers: Callers) -> None:
        with pytest.raises(IdempotencyKeyInUse):
            callers.run(self.slow(callers))

        assert callers.run(callers.commits("third")) == AGAIN

    def test_a_slow_one_that_fails_does_not_release_the_key_of_the_other_one(
        self, callers: Callers, committed: Session
    ) -> None:
        def perform() -> NoReturn:
            callers.now += HELD
            callers.run(callers.commits("second"))
            fail()

        with pytest.raises(LookupError):
            callers.run(perform)

        assert callers.run(callers.commits("third")) == AGAIN
        assert names_in(committed) == ["second"]
