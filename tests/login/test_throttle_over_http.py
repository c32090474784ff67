import pytest
from flask.testing import FlaskClient

from support.accounts import PASSWORD, Account, try_login
from support.answers import assert_problem, pointers, verdict
from support.logins import CountedLimit, WatchedHasher
from support.paths import LOGIN

pytestmark = pytest.mark.any_database

WRONG = "wrong password"


def test_a_delay_is_told_by_429_and_retry_after(
    throttled_client: FlaskClient, user: Account
) -> None:
    for _ in range(10):
        assert try_login(throttled_client, user.email, WRONG).status_code == 401

    answer = try_login(throttled_client, user.email)

    assert_problem(answer, 429, "login-delayed")
    assert answer.headers["Retry-After"] == "30"


def test_a_login_from_a_known_device_is_let_in_meanwhile(
    throttled_client: FlaskClient, user: Account
) -> None:
    known = try_login(throttled_client, user.email).get_json()["device_token"]
    for _ in range(10):
        try_login(throttled_client, user.email, WRONG)
    login = {"email": user.email, "password": PASSWORD, "device_token": known}

    answer = throttled_client.post(LOGIN, json=login)

    assert answer.status_code == 200
    assert answer.get_json()["device_token"] == known


def test_s27_no_more_hashes_are_computed_than_failures_are_free(
    throttled_client: FlaskClient, passwords: WatchedHasher, user: Account
) -> None:
    answers = [try_login(throttled_client, user.email, WRONG) for _ in range(30)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 20
    assert passwords.verifications == 10


def test_too_many_failures_overall_are_told_in_the_same_way(
    throttled_client: FlaskClient, overall: CountedLimit, user: Account
) -> None:
    try_login(throttled_client, user.email, WRONG)
    overall.seconds = 120

    answer = try_login(throttled_client, user.email)

    assert verdict(answer) == (429, "login-delayed")
    assert answer.headers["Retry-After"] == "120"


def test_the_switch_lets_everybody_try_for_ever(client: FlaskClient, user: Account) -> None:
    answers = [try_login(client, user.email, WRONG) for _ in range(11)]

    assert {answer.status_code for answer in answers} == {401}


def test_a_device_token_that_is_too_long_is_named(client: FlaskClient, user: Account) -> None:
    login = {"email": user.email, "password": PASSWORD, "device_token": "x" * 101}

    answer = client.post(LOGIN, json=login)

    assert answer.status_code == 400
    assert pointers(answer) == ["/device_token"]


def test_a_device_token_that_is_no_text_is_named(client: FlaskClient, user: Account) -> None:
    login = {"email": user.email, "password": PASSWORD, "device_token": None}

    answer = client.post(LOGIN, json=login)

    assert answer.status_code == 400
    assert pointers(answer) == ["/device_token"]
