"""Many requests with one key at once, sent to real processes.

`make test` runs a few rounds of each, `make races` the full counts.
"""

from functools import partial

import httpx
import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Headers, add_user
from support.paths import USERS
from support.races import ROUNDS, log_in_over_http, race, racing_client
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.posts.models import Post
from userapi.users.models import User

pytestmark = pytest.mark.race

PARALLEL = 50
REPLAYED = "Idempotency-Replayed"


def test_many_posts_with_one_key_are_one(url: str, committed: Session, settings: Settings) -> None:
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    author = add_user(committed, hashed, email="ada@example.com")
    committed.rollback()
    with racing_client(url, PARALLEL) as client:
        headers = log_in_over_http(client, author.email)
        for number in range(ROUNDS):
            draft = DRAFT | {"title": f"race {number}"}
            send = partial(keyed, client, POSTS, draft, f"key-{number}", headers)

            assert_one_answer(send, race([send] * PARALLEL))
            assert rows_with(committed, Post.title == draft["title"]) == 1


def test_many_registrations_with_one_key_are_one(url: str, committed: Session) -> None:
    with racing_client(url, PARALLEL) as client:
        for number in range(ROUNDS):
            body = {
                "email": f"race{number}@example.com",
                "password": PASSWORD,
                "first_name": "Ada",
                "last_name": "Lovelace",
            }
            send = partial(keyed, client, USERS, body, f"key-{number}", {})

            assert_one_answer(send, race([send] * PARALLEL))
            assert rows_with(committed, User.email == body["email"]) == 1


def test_many_guesses_at_once_find_nothing_out(url: str, committed: Session) -> None:
    with racing_client(url, PARALLEL) as client:
        for number in range(ROUNDS):
            body = {
                "email": f"guessed{number}@example.com",
                "password": PASSWORD,
                "first_name": "Ada",
                "last_name": "Lovelace",
            }
            send = partial(keyed, client, USERS, body, f"guessed-{number}", {})
            assert send().status_code == 201
            wrong = [
                partial(
                    keyed,
                    client,
                    USERS,
                    body | {"password": f"a wrong guess {it}"},
                    f"guessed-{number}",
                    {},
                )
                for it in range(PARALLEL)
            ]

            answers = race(wrong)

            assert {it.status_code for it in answers} == {409}
            assert send().status_code == 409
            mismatches = AuditEvent.event == "idempotency:mismatched"
            assert rows_with(committed, mismatches) == 3 * (number + 1)


def keyed(
    client: httpx.Client, path: str, body: dict[str, str], key: str, headers: Headers
) -> httpx.Response:
    return client.post(path, json=body, headers={**headers, "Idempotency-Key": key})


def assert_one_answer(send: partial[httpx.Response], answers: list[httpx.Response]) -> None:
    """Fail unless one request was performed, and all others were given its answer or none."""
    created = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {(it.status_code, it.json()["code"]) for it in refused} <= {
        (409, "idempotency-key-in-use")
    }
    assert len({answer.content for answer in created}) == 1
    assert [REPLAYED in answer.headers for answer in created].count(False) == 1

    again = send()
    assert (again.status_code, again.content) == (201, created[0].content)
    assert again.headers[REPLAYED] == "true"


def rows_with(session: Session, condition: ColumnElement[bool]) -> int:
    found = session.scalar(select(func.count()).where(condition)) or 0
    session.rollback()
    return found
