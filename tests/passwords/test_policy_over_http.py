"""The policy as it is outside of tests, met by those who register."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from passwords.breach_server import BREACHED, breach_server
from support.accounts import register, try_login
from support.answers import pointers
from support.applications import application, settings_for_testing
from support.databases import Server
from userapi.cli.seed import KNOWN_ACCOUNTS
from userapi.passwords.settings import PasswordPolicySettings
from userapi.web.api import Api, document_of
from userapi.web.services import provided

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def strict_app(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    settings = settings_for_testing(
        module_database_url, tmp_path_factory.mktemp("instance"), PASSWORD_MIN_LENGTH="10"
    )
    with application(settings.replace(PasswordPolicySettings, refuses_guessable=True)) as app:
        yield app


@pytest.fixture
def strict_client(strict_app: Flask) -> FlaskClient:
    return strict_app.test_client()


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.get_json()["errors"]]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("qwertyuiop", "password-common"),
        ("alan-turing-1", "password-personal"),
        ("abababababab", "password-repeated"),
        (" " * 12, "password-blank"),
        ("short one", "length"),
        ("e\u0301" * 5 + "1234", "length"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    strict_client: FlaskClient, password: str, code: str
) -> None:
    answer = register(strict_client, password=password)

    assert answer.status_code == 400
    assert answer.get_json()["code"] == "invalid-input"
    assert (pointers(answer), codes(answer)) == (["/password"], [code])


def test_a_good_password_is_taken(strict_client: FlaskClient) -> None:
    assert register(strict_client, password="enigma bombe").status_code == 201


def test_the_document_tells_the_length_that_is_set(strict_app: Flask) -> None:
    with strict_app.app_context():
        schemas = document_of(provided(Api))["components"]["schemas"]

    assert schemas["UserCreate"]["properties"]["password"]["minLength"] == 10
    assert schemas["Login"]["properties"]["password"]["minLength"] == 1


def test_the_sample_accounts_are_the_one_exception(
    strict_app: Flask, strict_client: FlaskClient
) -> None:
    result = strict_app.test_cli_runner().invoke(args=["seed-db"])

    assert result.exit_code == 0, result.output
    for email, password in KNOWN_ACCOUNTS:
        assert try_login(strict_client, email, password).status_code == 200


@pytest.mark.parametrize(
    ("password", "reason"), [("12345678901", "most common"), ("bossbossboss", "repeats")]
)
def test_no_administrator_gets_a_weak_password(
    strict_app: Flask, password: str, reason: str
) -> None:
    result = strict_app.test_cli_runner().invoke(
        args=["create-admin", "boss@example.com"], input=f"{password}\n"
    )

    assert result.exit_code == 1
    assert reason in result.output
    assert password not in result.output


def test_a_breached_password_is_refused_where_that_is_asked(
    server: Server, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with breach_server() as ranges, server.copy_of(template_url) as url:
        settings = settings_for_testing(
            url, tmp_path_factory.mktemp("instance"), PASSWORD_BREACH_CHECK_URL=ranges.url
        )
        with application(settings) as app:
            answer = register(app.test_client(), password=BREACHED)

    assert (answer.status_code, codes(answer)) == (400, ["password-breached"])
