"""Searches that may read all users are run a few at a time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.accounts import Headers
from support.answers import assert_problem
from support.paths import USERS
from support.queues import held
from userapi.directory.errors import SearchBusy
from userapi.directory.feature import searches_at_once
from userapi.directory.service import DirectoryService
from userapi.kit.passwords import BoundedQueue
from userapi.web.services import provided

pytestmark = pytest.mark.any_database


@pytest.fixture
def busy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let another search take all the places there are."""
    queue = BoundedQueue(slots=1, waiting=0, timeout=timedelta(seconds=1), refusal=SearchBusy)
    with app.app_context():
        monkeypatch.setattr(provided(DirectoryService), "_searches", queue)
    with held(queue):
        yield


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("query", ["q=ada", "q=ada@example.com&per_page=1", "total=exact"])
def test_one_more_is_refused(client: FlaskClient, auth_headers: Headers, query: str) -> None:
    answer = client.get(f"{USERS}?{query}", headers=auth_headers)

    assert_problem(answer, 503, "search-busy")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("query", ["", "role=user&sort=name", "total=none", "ids=1&total=exact"])
def test_other_lists_go_on(client: FlaskClient, auth_headers: Headers, query: str) -> None:
    assert client.get(f"{USERS}?{query}", headers=auth_headers).status_code == 200


@pytest.mark.parametrize(
    ("threads", "hashed_at_once", "slots"),
    [(1, 1, 1), (3, 1, 1), (4, 1, 2), (4, 2, 1), (8, 5, 2), (8, 6, 1), (64, 1, 2)],
)
def test_threads_are_left_to_others(threads: int, hashed_at_once: int, slots: int) -> None:
    assert searches_at_once(threads, hashed_at_once) == slots


def test_searches_go_on_after_one_another(client: FlaskClient, auth_headers: Headers) -> None:
    for _ in range(10):
        assert client.get(f"{USERS}?q=ada", headers=auth_headers).status_code == 200
