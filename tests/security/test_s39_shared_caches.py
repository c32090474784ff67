"""S39: a cache between the service and its callers hands one caller's answer to another.

As in CVE-2023-30861 and CVE-2026-27205.
"""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contract.operations import Operation, operations_of
from security.walking import Walker, example_of, is_open
from support.accounts import Account, add_user
from support.applications import application, engine_of
from userapi.config.database import DatabaseSettings
from userapi.config.http import HTTPSettings
from userapi.config.settings import Settings
from userapi.kit.principal import Role

pytestmark = pytest.mark.any_database

ORIGIN = "https://app.example.com"
CREDENTIALS = {"login", "register"}
"""The operations without a token whose answers are somebody's all the same."""


@pytest.fixture
def browsed(settings: Settings, database_url: str) -> Iterator[tuple[FlaskClient, Session]]:
    """A client of an application that two origins may read, and a session on its database."""
    origins = (ORIGIN, "https://admin.example.com")
    chosen = settings.replace(DatabaseSettings, url=database_url).replace(
        HTTPSettings, cors_origins=origins
    )
    with application(chosen) as app, Session(engine_of(app)) as session:
        yield app.test_client(), session


@pytest.fixture
def answers(
    browsed: tuple[FlaskClient, Session], password_hash: str
) -> dict[str, list[TestResponse]]:
    """What the operations answer that are somebody's: to a token, to none, and to a bad one."""
    client, session = browsed
    admin = add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)
    session.rollback()
    walker = Walker(client, Account(admin.id, admin.email))
    document = client.get("/openapi.json").get_json()
    return {
        operation.name: list(answers_of(walker, operation))
        for operation in operations_of(document)
        if not is_open(operation) or operation.name in CREDENTIALS
    }


def answers_of(walker: Walker, operation: Operation) -> Iterator[TestResponse]:
    body = example_of(operation)
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer forged"}):
        yield walker.call(operation, json=body, headers={"Origin": ORIGIN, **headers})


def test_s39_no_cache_may_keep_an_answer_that_is_somebodys(
    answers: dict[str, list[TestResponse]],
) -> None:
    kept = [
        f"{name} {answer.status_code}"
        for name, given in answers.items()
        for answer in given
        if answer.headers.getlist("Cache-Control") != ["no-store"]
    ]

    assert {answer.status_code for given in answers.values() for answer in given} >= {200, 401}
    assert kept == []


def test_s39_every_answer_is_told_apart_by_the_origin_that_may_read_it(
    answers: dict[str, list[TestResponse]],
) -> None:
    mixed = [
        f"{name} {answer.status_code}"
        for name, given in answers.items()
        for answer in given
        if answer.headers.get("Access-Control-Allow-Origin") != ORIGIN
        or "origin" not in answer.headers.get("Vary", "").lower()
    ]

    assert mixed == []
