"""The first answer, again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from werkzeug.test import TestResponse

from idempotency.keyed import (
    KEY,
    REPLAYED,
    an_hour_ago,
    hold,
    in_an_hour,
    keys_in,
    posts_in,
    publish,
    register,
    rows_in,
    set_key_columns,
    with_key,
)
from posts.samples import DRAFT, POSTS
from support.accounts import REGISTRATION, Account, Headers, log_in
from support.answers import assert_problem
from support.paths import USERS
from support.rows import set_columns
from userapi.posts.models import Post
from userapi.users.models import User
from web.callers import JSON

pytestmark = pytest.mark.any_database


@dataclass(frozen=True)
class Creation:
    """An operation that takes a key: what it creates, from which body."""

    client: FlaskClient
    session: Session
    headers: Headers
    path: str
    body: dict[str, str]
    name: InstrumentedAttribute[str]

    def send(self, key: str = KEY, **changes: Any) -> TestResponse:
        return self.send_raw(json.dumps(self.body | changes), key)

    def send_raw(self, body: str, key: str = KEY) -> TestResponse:
        headers = self.headers | with_key(key)
        return self.client.post(self.path, data=body, content_type=JSON, headers=headers)

    def send_another(self, key: str = KEY) -> TestResponse:
        """Send a body that creates another one."""
        return self.send(key, **{self.name.key: "grace@example.com"})

    def rows(self) -> int:
        """Return how many there are but the test's own user."""
        counted = select(func.count()).where(self.name != "ada@example.com")
        return self.session.scalar(counted) or 0


@pytest.fixture(params=["register", "create-post"])
def creation(
    request: pytest.FixtureRequest, client: FlaskClient, db_session: Session, auth_headers: Headers
) -> Creation:
    if request.param == "register":
        return Creation(client, db_session, {}, USERS, REGISTRATION, User.email)
    return Creation(client, db_session, auth_headers, POSTS, DRAFT, Post.title)


class TestSameBody:
    def test_is_answered_with_the_same_status_body_and_headers(self, creation: Creation) -> None:
        first, second = creation.send(), creation.send()

        assert first.status_code == 201
        assert (second.status_code, second.data) == (201, first.data)
        for name in ("Content-Type", "ETag", "Location"):
            assert second.headers.getlist(name) == [first.headers[name]]

    def test_is_performed_once(self, creation: Creation) -> None:
        for _ in range(3):
            creation.send()

        assert creation.rows() == 1

    def test_only_an_answer_that_is_given_again_says_so(self, creation: Creation) -> None:
        said = [creation.send().headers.get(REPLAYED) for _ in range(3)]

        assert said == [None, "true", "true"]

    def test_has_the_other_headers_of_every_answer(self, creation: Creation) -> None:
        first, second = creation.send(), creation.send()

        assert set(second.headers.keys()) == {*first.headers.keys(), REPLAYED}
        assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]

    def test_may_be_spelled_in_another_way(self, creation: Creation) -> None:
        first = creation.send()
        turned = dict(reversed(creation.body.items()))
        escaped = json.dumps(turned, indent=4).replace("a", "\\u0061")

        second = creation.send_raw(escaped)

        assert (second.data, second.headers[REPLAYED]) == (first.data, "true")


class TestAnotherBody:
    @pytest.mark.parametrize("change", [str.upper, "{} ".format], ids=["case", "blank"])
    def test_is_refused(self, creation: Creation, change: Callable[[str], str]) -> None:
        creation.send()
        name, value = list(creation.body.items())[-1]

        answer = creation.send(**{name: change(value)})

        assert_problem(answer, 409, "idempotency-key-reused")
        assert REPLAYED not in answer.headers

    def test_creates_nothing(self, creation: Creation) -> None:
        first = creation.send()
        creation.send_another()

        assert creation.rows() == 1
        assert creation.send().data == first.data


class TestAnotherKey:
    def test_is_another_request(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        answers = [publish(client, auth_headers, key) for key in ("one", "two")]

        assert [answer.headers.get(REPLAYED) for answer in answers] == [None, None]
        assert posts_in(db_session) == 2

    def test_none_at_all_is_never_the_same(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        answers = [client.post(POSTS, json=DRAFT, headers=auth_headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert [answer.headers.get(REPLAYED) for answer in answers] == [None, None]
        assert (posts_in(db_session), keys_in(db_session)) == (2, 0)


class TestScope:
    def test_two_users_with_one_key_do_not_meet(
        self, client: FlaskClient, user: Account, auth_headers: Headers, other_headers: Headers
    ) -> None:
        mine = publish(client, auth_headers).get_json()
        theirs = publish(client, other_headers).get_json()

        assert mine["author_id"] == user.id
        assert theirs["author_id"] != user.id

    def test_a_key_belongs_to_the_user_and_not_to_the_login(
        self, client: FlaskClient, user: Account, auth_headers: Headers
    ) -> None:
        first = publish(client, auth_headers)

        second = publish(client, log_in(client, user))

        assert (second.data, second.headers[REPLAYED]) == (first.data, "true")

    def test_a_key_is_of_one_caller_and_one_operation(
        self, client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
    ) -> None:
        publish(client, auth_headers)
        register(client)

        rows = {
            (row["caller"].split(":")[0], row["operation"], row["key"])
            for row in rows_in(db_session)
        }
        assert rows == {("user", f"POST {POSTS}", KEY), ("anonymous", f"POST {USERS}", KEY)}
        assert f"user:{user.id}" in {row["caller"] for row in rows_in(db_session)}

    def test_who_registers_is_anonymous_even_with_a_token(
        self, client: FlaskClient, auth_headers: Headers
    ) -> None:
        first = register(client)

        second = client.post(USERS, json=REGISTRATION, headers=auth_headers | with_key())

        assert (second.data, second.headers[REPLAYED]) == (first.data, "true")


class TestTime:
    def test_a_key_is_free_after_its_time(self, creation: Creation) -> None:
        creation.send()
        set_key_columns(creation.session, expires_at=an_hour_ago())

        answer = creation.send_another()

        assert (answer.status_code, answer.headers.get(REPLAYED)) == (201, None)
        assert creation.rows() == 2

    def test_a_key_that_is_held_is_in_use(self, creation: Creation) -> None:
        creation.send()
        hold(creation.session, until=in_an_hour())

        answer = creation.send()

        assert_problem(answer, 409, "idempotency-key-in-use")
        assert creation.rows() == 1

    def test_a_key_that_is_held_no_more_is_free(
        self, client: FlaskClient, db_session: Session, auth_headers: Headers
    ) -> None:
        publish(client, auth_headers)
        hold(db_session, until=an_hour_ago())

        answer = publish(client, auth_headers)

        assert (answer.status_code, answer.headers.get(REPLAYED)) == (201, None)
        assert posts_in(db_session) == 2


def test_what_was_changed_of_it_since_changes_nothing(
    client: FlaskClient, auth_headers: Headers
) -> None:
    first = publish(client, auth_headers)
    client.patch(first.headers["Location"], headers=auth_headers, json={"title": "Other"})

    second = publish(client, auth_headers)

    assert (second.status_code, second.data) == (201, first.data)
    assert second.headers["ETag"] == first.headers["ETag"]


def test_who_has_no_access_any_more_gets_no_answer_again(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    publish(client, auth_headers)
    set_columns(db_session, user.id, is_active=False)

    answer = publish(client, auth_headers)

    assert answer.status_code == 401
