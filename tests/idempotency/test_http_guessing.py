"""Keys of others: nobody guesses with them what was sent, or takes them away from elsewhere."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from idempotency.callers import CountedMismatches
from idempotency.keyed import REPLAYED, publish, register, rows_in, with_key
from support.accounts import REGISTRATION, Account, Headers, try_login
from support.answers import all_but_the_name, assert_problem, verdict
from support.applications import application, settings_for_testing
from support.events import Written, written
from support.paths import USERS
from userapi.idempotency.service import IdempotencyService
from userapi.web.services import provided
from web.callers import cases

pytestmark = pytest.mark.any_database

HERE, NEIGHBOUR, ELSEWHERE = "2001:db8:1:1::7", "2001:db8:1:1::8", "2001:db8:1:2::7"


@pytest.fixture
def mismatches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CountedMismatches:
    """What is counted of those who come with another body."""
    counted = CountedMismatches()
    with app.app_context():
        monkeypatch.setattr(provided(IdempotencyService), "_mismatches", counted)
    return counted


def register_from(client: FlaskClient, address: str, **changes: Any) -> TestResponse:
    return client.post(
        USERS,
        json=REGISTRATION | changes,
        headers=with_key(),
        environ_base={"REMOTE_ADDR": address},
    )


def guess(client: FlaskClient, number: int) -> tuple[int, str]:
    return verdict(register(client, password=f"a wrong guess {number}"))


def test_a_password_is_not_guessed_by_its_key(client: FlaskClient) -> None:
    register(client)

    guesses = [guess(client, number) for number in range(20)]
    right = register(client)

    assert set(guesses) == {(409, "idempotency-key-reused")}
    assert_problem(right, 409, "idempotency-key-reused")
    assert REPLAYED not in right.headers


@pytest.mark.parametrize(("wrong", "status"), [(2, 201), (3, 409)])
def test_a_key_is_void_after_three_other_bodies(
    client: FlaskClient, wrong: int, status: int
) -> None:
    register(client)
    for number in range(wrong):
        guess(client, number)

    assert register(client).status_code == status


def test_a_void_key_tells_nobody_which_body_is_right(client: FlaskClient) -> None:
    register(client)
    for number in range(3):
        guess(client, number)

    answers = [
        client.post(
            USERS,
            json=REGISTRATION | {"password": password},
            headers=with_key(),
        )
        for password in (REGISTRATION["password"], "a wrong guess")
    ]

    assert all_but_the_name(answers[0]) == all_but_the_name(answers[1])


def test_a_void_key_executes_nothing(client: FlaskClient, db_session: Session) -> None:
    register(client)
    before = len(written(db_session))
    for number in range(10):
        register(client, email=f"grace{number}@example.com")

    assert [it.event for it in written(db_session)[before:]] == ["idempotency:mismatched"] * 3


def test_every_mismatch_is_an_event_without_a_secret(
    client: FlaskClient, db_session: Session
) -> None:
    register(client)
    guess(client, 1)
    guess(client, 2)

    _, *events = written(db_session)

    assert events == [
        Written(
            "idempotency:mismatched",
            actor_id=None,
            subject_id=None,
            object_id=None,
            details={"operation": f"POST {USERS}", "mismatches": number},
        )
        for number in (1, 2)
    ]


def test_a_mismatch_of_somebody_signed_in_concerns_them(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    publish(client, auth_headers)
    publish(client, auth_headers, title="Another")

    *_, event = written(db_session)
    assert (event.event, event.actor_id, event.subject_id) == (
        "idempotency:mismatched",
        user.id,
        user.id,
    )


def test_a_mismatch_is_counted_as_a_failed_attempt(
    client: FlaskClient, mismatches: CountedMismatches
) -> None:
    register(client)
    register(client)
    register(client, email="grace@example.com")

    assert mismatches.addresses == ["grace@example.com"]


@pytest.mark.any_database
def test_who_guesses_with_a_key_may_log_in_no_more(
    module_database_url: str, tmp_path: Path
) -> None:
    # A failure of one IPv4 address costs 4 of them.
    limits = {"RATELIMIT_ENABLED": "true", "RATELIMIT_FAILED_LOGINS_BY_NETWORK": "8 per hour"}
    with application(settings_for_testing(module_database_url, tmp_path, **limits)) as app:
        client = app.test_client()
        register(client)
        before = try_login(client, REGISTRATION["email"], REGISTRATION["password"])
        for number in range(2):
            guess(client, number)
        after = try_login(client, REGISTRATION["email"], REGISTRATION["password"])

    assert before.status_code == 200
    assert verdict(after) == (429, "login-delayed")


def test_a_mismatch_of_somebody_signed_in_is_not(
    client: FlaskClient, auth_headers: Headers, mismatches: CountedMismatches
) -> None:
    publish(client, auth_headers)
    publish(client, auth_headers, title="Another")

    assert mismatches.addresses == []


def test_a_key_that_was_taken_elsewhere_is_free_here(client: FlaskClient) -> None:
    register_from(client, ELSEWHERE, email="squatter@example.com")

    answer = register_from(client, HERE)

    assert (answer.status_code, answer.headers.get(REPLAYED)) == (201, None)


def test_a_password_is_not_guessed_from_elsewhere(client: FlaskClient) -> None:
    register_from(client, HERE)

    right = register_from(client, ELSEWHERE)
    wrong = register_from(client, ELSEWHERE, password="a wrong guess")

    assert [verdict(it)[0] for it in (right, wrong)] == [409, 409]
    assert verdict(right) == (409, "email-taken")
    assert verdict(wrong) == (409, "idempotency-key-reused")


@cases({"same": HERE, "same network": NEIGHBOUR})
def test_a_request_is_repeated_from_its_network(client: FlaskClient, case: str) -> None:
    first = register_from(client, HERE)

    again = register_from(client, case)

    assert (again.data, again.headers[REPLAYED]) == (first.data, "true")


def test_the_row_does_not_tell_the_network(client: FlaskClient, db_session: Session) -> None:
    register_from(client, HERE)

    (row,) = rows_in(db_session)
    assert row["caller"].startswith("anonymous:")
    assert len(row["caller"]) == 32
    assert "2001" not in row["caller"]
