"""Errors: some are answers like others, after some another try may be answered otherwise."""

from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from idempotency.keyed import REPLAYED, keys_in, posts_in, publish, register, with_key
from posts.samples import DRAFT, POSTS
from support.accounts import REGISTRATION, Account, Headers
from support.answers import assert_problem, parameters, pointers, verdict
from support.paths import USERS
from support.rows import set_columns
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.kit.errors import DomainError, Kind, NotAllowed, StoreUnavailable, TokenInvalid
from userapi.posts.errors import PostNotFound
from userapi.posts.service import PostService
from userapi.web.problems import CHECK_DECLARATIONS, STATUS_OF_KIND
from web.callers import JSON, cases

pytestmark = pytest.mark.any_database


@pytest.fixture
def lenient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are answered as outside tests, whatever the operation declares."""
    monkeypatch.setitem(app.config, CHECK_DECLARATIONS, False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def publish_failing(client: FlaskClient, headers: Headers, error: Exception) -> tuple[int, str]:
    """Publish a post while the service fails; return the answer's status and code."""

    def fail(*_: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostService, "create", fail)
        answer = publish(client, headers)
    assert REPLAYED not in answer.headers
    return verdict(answer)


class TestTakenAddress:
    """A registration that is refused is answered with the refusal again."""

    @pytest.fixture
    def taken(self, user: Account) -> str:
        return user.email

    def test_is_answered_again(self, client: FlaskClient, taken: str) -> None:
        first = register(client, email=taken)

        second = register(client, email=taken)

        assert_problem(first, 409, "email-taken")
        assert (second.status_code, second.data) == (409, first.data)
        assert second.content_type == "application/problem+json"
        assert second.headers[REPLAYED] == "true"

    def test_names_the_first_request_in_the_body_and_the_current_one_in_the_header(
        self, client: FlaskClient, taken: str
    ) -> None:
        body = REGISTRATION | {"email": taken}

        first, second = (client.post(USERS, json=body, headers=with_key()) for _ in range(2))

        name = first.headers["X-Request-Id"]
        assert [answer.get_json()["request_id"] for answer in (first, second)] == [name, name]
        assert second.headers["X-Request-Id"] != name

    def test_stays_taken_for_the_key_when_it_becomes_free(
        self, client: FlaskClient, db_session: Session, user: Account, taken: str
    ) -> None:
        register(client, email=taken)
        set_columns(db_session, user.id, email="grace@example.com")

        assert verdict(register(client, email=taken)) == (409, "email-taken")
        assert register(client, "another-key", email=taken).status_code == 201


@pytest.mark.usefixtures("lenient")
@cases({"not-allowed": NotAllowed(), "not-found": PostNotFound()})
def test_a_refusal_is_answered_again(
    client: FlaskClient, db_session: Session, auth_headers: Headers, case: DomainError
) -> None:
    first = publish_failing(client, auth_headers, case)

    again = publish(client, auth_headers)

    assert verdict(again) == first == (STATUS_OF_KIND[case.kind], case.code)
    assert again.headers[REPLAYED] == "true"
    assert posts_in(db_session) == 0


@pytest.mark.usefixtures("lenient")
class TestNotKept:
    """Errors after which another try may well be answered otherwise."""

    @cases(
        {
            "not-authenticated": (TokenInvalid(), 401),
            "unavailable": (StoreUnavailable(), 503),
            "store-failed": (OperationalError("", {}, Exception()), 503),
            "unexpected": (RuntimeError(), 500),
        }
    )
    def test_is_not_answered_again(
        self,
        client: FlaskClient,
        db_session: Session,
        auth_headers: Headers,
        case: tuple[Exception, int],
    ) -> None:
        error, status = case

        first, _ = publish_failing(client, auth_headers, error)
        keys = keys_in(db_session)
        again = publish(client, auth_headers)

        assert (first, keys) == (status, 0)
        assert (again.status_code, again.headers.get(REPLAYED)) == (201, None)
        assert posts_in(db_session) == 1

    def test_too_many_requests_are_not_either(
        self, client: FlaskClient, auth_headers: Headers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(STATUS_OF_KIND, Kind.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)

        first, _ = publish_failing(client, auth_headers, NotAllowed())
        again = publish(client, auth_headers)

        assert (first, again.status_code, again.headers.get(REPLAYED)) == (429, 201, None)

    def test_an_effect_whose_answer_is_not_kept_is_rolled_back(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(IdempotencyKeyRepository, "store", fail)
            answer = publish(client, auth_headers)

        assert verdict(answer) == (500, "internal-error")
        assert (posts_in(db_session), keys_in(db_session)) == (0, 0)
        assert publish(client, auth_headers).status_code == 201


@pytest.mark.any_database
class TestInvalidInput:
    """What is refused before the key is taken."""

    def test_leaves_the_key_to_the_corrected_body(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        refused = publish(client, auth_headers, title="")
        keys = keys_in(db_session)
        corrected = publish(client, auth_headers)

        assert pointers(refused) == ["/title"]
        assert keys == 0
        assert (corrected.status_code, corrected.headers.get(REPLAYED)) == (201, None)

    def test_leaves_the_key_to_the_corrected_registration(self, client: FlaskClient) -> None:
        refused = register(client, email="nobody")
        corrected = register(client)

        assert (refused.status_code, corrected.status_code) == (400, 201)

    def test_leaves_the_key_to_the_corrected_query(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        headers = auth_headers | with_key()

        refused = client.post(f"{POSTS}?author_id=7", json=DRAFT, headers=headers)
        keys = keys_in(db_session)
        corrected = client.post(POSTS, json=DRAFT, headers=headers)

        assert parameters(refused) == ["author_id"]
        assert keys == 0
        assert (corrected.status_code, corrected.headers.get(REPLAYED)) == (201, None)

    def test_is_refused_also_when_the_key_has_an_answer(
        self, client: FlaskClient, auth_headers: Headers
    ) -> None:
        publish(client, auth_headers)

        assert verdict(publish(client, auth_headers, title="")) == (400, "invalid-input")

    @cases(
        {
            "malformed": (b"{", JSON, 400),
            "too-large": (b" " * 2**21, JSON, 413),
            "media-type": (b"{}", "text/plain", 415),
        }
    )
    def test_takes_no_key(
        self,
        client: FlaskClient,
        db_session: Session,
        auth_headers: Headers,
        case: tuple[bytes, str, int],
    ) -> None:
        body, media_type, status = case
        headers = auth_headers | with_key()

        answer = client.post(POSTS, data=body, content_type=media_type, headers=headers)

        assert (answer.status_code, keys_in(db_session)) == (status, 0)

    def test_a_caller_without_a_token_takes_no_key(
        self, client: FlaskClient, db_session: Session
    ) -> None:
        answer = client.post(POSTS, json=DRAFT, headers=with_key())

        assert verdict(answer) == (401, "token-missing")
        assert keys_in(db_session) == 0
