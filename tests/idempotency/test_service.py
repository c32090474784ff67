from dataclasses import replace
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from idempotency.callers import Callers, fail, names_in, new_user
from idempotency.samples import ANSWER, DAY, REQUEST, expiring, keys_in
from support.rows import NOON
from support.transactions import transaction_on
from userapi.idempotency.errors import IdempotencyKeyReused
from userapi.idempotency.records import Answer
from userapi.idempotency.service import MAX_MISMATCHES

AGAIN = replace(ANSWER, is_replayed=True)
OTHER_BODY = replace(REQUEST, fingerprint="0" * 64)


class TestAnswers:
    def test_the_first_request_is_performed(self, callers: Callers, committed: Session) -> None:
        answer = callers.run(callers.commits("first"))

        assert answer == ANSWER
        assert names_in(committed) == ["first"]

    def test_the_second_one_gets_the_first_answer_again(
        self, callers: Callers, committed: Session
    ) -> None:
        callers.run(callers.commits("first"))

        answer = callers.run(callers.commits("second"))

        assert answer == AGAIN
        assert names_in(committed) == ["first"]

    def test_another_body_is_refused(self, callers: Callers, committed: Session) -> None:
        callers.run(callers.commits("first"))

        with pytest.raises(IdempotencyKeyReused):
            callers.run(callers.commits("second"), OTHER_BODY)
        assert names_in(committed) == ["first"]

    @pytest.mark.parametrize("part", ["caller", "operation", "key"])
    def test_requests_of_another_name_do_not_meet(
        self, callers: Callers, committed: Session, part: str
    ) -> None:
        callers.run(callers.commits("first"))

        changes: dict[str, Any] = {part: "another"}
        answer = callers.run(callers.commits("second"), replace(OTHER_BODY, **changes))

        assert answer == ANSWER
        assert names_in(committed) == ["first", "second"]

    def test_an_answer_without_an_effect_is_kept_too(self, callers: Callers) -> None:
        callers.run(lambda: Answer(409, {}, "taken"))

        answer = callers.run(callers.commits("second"))

        assert answer == Answer(409, {}, "taken", is_replayed=True)

    def test_an_answer_after_a_use_case_that_was_rolled_back_is_kept_without_it(
        self, own_app: Flask, callers: Callers, committed: Session
    ) -> None:
        def refuse() -> Answer:
            session = own_app.extensions["sqlalchemy"].session
            with transaction_on(session):
                session.add(new_user("refused"))
                session.flush()
            return Answer(409, {}, "taken")

        callers.run(refuse)

        answer = callers.run(callers.commits("second"))

        assert answer == Answer(409, {}, "taken", is_replayed=True)
        assert names_in(committed) == []


class TestFailures:
    def test_nothing_is_kept_of_a_request_that_fails(
        self, callers: Callers, committed: Session
    ) -> None:
        with pytest.raises(LookupError):
            callers.run(fail)

        assert keys_in(committed) == []

    def test_what_it_committed_is_rolled_back(self, callers: Callers, committed: Session) -> None:
        def perform() -> NoReturn:
            callers.commits("first")()
            fail()

        with pytest.raises(LookupError):
            callers.run(perform)

        assert names_in(committed) == []

    def test_it_may_be_tried_again_at_once(self, callers: Callers, committed: Session) -> None:
        with pytest.raises(LookupError):
            callers.run(fail)

        assert callers.run(callers.commits("second")) == ANSWER
        assert names_in(committed) == ["second"]

    def test_an_answer_that_cannot_be_kept_takes_its_effect_with_it(
        self, callers: Callers, committed: Session
    ) -> None:
        callers.keys.is_storing = False

        with pytest.raises(LookupError):
            callers.run(callers.commits("first"))

        assert names_in(committed) == []
        assert keys_in(committed) == []

    def test_a_key_that_could_not_be_freed_is_freed_by_the_next_request(
        self, callers: Callers, committed: Session
    ) -> None:
        self.fail_for_good(callers)

        assert callers.run(callers.commits("first")) == ANSWER
        assert names_in(committed) == ["first"]

    def test_the_next_request_may_have_another_key(
        self, callers: Callers, committed: Session
    ) -> None:
        self.fail_for_good(callers)

        callers.run(callers.commits("first"), replace(REQUEST, key="another"))

        assert keys_in(committed) == ["another"]

    def test_it_is_freed_once_the_store_is_back(self, callers: Callers, committed: Session) -> None:
        self.fail_for_good(callers)
        callers.keys.is_releasing = False
        with pytest.raises(ConnectionError):
            callers.run(callers.commits("first"))
        callers.keys.is_releasing = True

        assert callers.run(callers.commits("second")) == ANSWER
        assert names_in(committed) == ["second"]

    def test_what_was_committed_without_a_confirmation_is_not_done_again(
        self,
        own_app: Flask,
        callers: Callers,
        committed: Session,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with own_app.app_context():
            dialect = own_app.extensions["sqlalchemy"].engine.dialect
        lost = dialect.loaded_dbapi.OperationalError("the connection was closed")

        def confirm_nothing(connection: Any) -> NoReturn:
            connection.commit()
            monkeypatch.undo()
            raise lost

        def perform() -> Answer:
            monkeypatch.setattr(dialect, "do_commit", confirm_nothing)
            return callers.commits("first")()

        with pytest.raises(OperationalError):
            callers.run(perform)

        assert callers.run(callers.commits("second")) == AGAIN
        assert names_in(committed) == ["first"]

    def fail_for_good(self, callers: Callers) -> None:
        """Have a request fail whose key cannot be freed either."""
        callers.keys.is_releasing = False
        with pytest.raises(ConnectionError):
            callers.run(fail)
        callers.keys.is_releasing = True


class TestForgetting:
    def test_everything_that_has_expired_goes(self, callers: Callers, committed: Session) -> None:
        committed.add_all([expiring(str(number), NOON) for number in range(250)])
        committed.add(expiring("young", NOON + DAY))
        committed.commit()

        assert callers.delete_expired() == 250
        assert keys_in(committed) == ["young"]

    def test_a_void_key_that_has_expired_is_a_new_one(self, callers: Callers) -> None:
        callers.run(callers.commits("first"))
        for _ in range(MAX_MISMATCHES):
            with pytest.raises(IdempotencyKeyReused):
                callers.run(fail, OTHER_BODY)
        callers.now += DAY

        callers.run(callers.commits("second"), OTHER_BODY)

        assert callers.run(fail, OTHER_BODY) == AGAIN
