"""Who may read the metrics on the service's own port."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.applications import application, settings_for_testing
from support.scraping import METRICS, families_of, value_of
from userapi.config.settings import SettingsError

TOKEN = "Zt4_mQ8vKx1wRb7-YcNf3sJh6LdPg0EoUa2Ti5Xe"


@pytest.fixture
def metered(database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of an application with a token for metrics."""
    with application(settings_for_testing(database_url, tmp_path, METRICS_TOKEN=TOKEN)) as app:
        yield app.test_client()


def test_without_a_token_or_a_port_there_are_none(client: FlaskClient) -> None:
    answer = client.get(METRICS)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "path-not-found")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "token-missing"),
        ("", "token-invalid"),
        ("Bearer ", "token-invalid"),
        (TOKEN, "token-invalid"),
        (f"Basic {TOKEN}", "token-invalid"),
        (f"Bearer {TOKEN}x", "token-invalid"),
        (f"Bearer {TOKEN[:-1]}", "token-invalid"),
        ("Bearer \xe4\xf6\xfc", "token-invalid"),
    ],
)
def test_who_has_not_the_token_is_refused(
    metered: FlaskClient, authorization: str | None, code: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = metered.get(METRICS, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_who_has_it_reads_them(metered: FlaskClient) -> None:
    answer = metered.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert value_of(answer.text, "userapi_database_up") == 1
    assert value_of(answer.text, "userapi_ready") == 1
    assert {family.name for family in families_of(answer.text)} >= {"userapi_build_info"}


def test_a_database_that_is_gone_is_told(empty_database_url: str, tmp_path: Path) -> None:
    settings = settings_for_testing(empty_database_url, tmp_path, METRICS_TOKEN=TOKEN)
    with application(settings) as app:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = app.test_client().get(METRICS, headers=headers)

    assert answer.status_code == 200
    assert value_of(answer.text, "userapi_database_up") == 0
    assert value_of(answer.text, "userapi_ready") == 0


def test_it_is_no_operation_of_the_document(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").get_json()

    assert METRICS not in document["paths"]


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"METRICS_TOKEN": "changeme"}, "METRICS_TOKEN"),
        ({"METRICS_TOKEN": "a" * 40}, "METRICS_TOKEN"),
        ({"METRICS_TOKEN": TOKEN, "SECRET_KEY": TOKEN}, "METRICS_TOKEN"),
        ({"METRICS_PORT": "5000"}, "METRICS_PORT"),
        ({"METRICS_PORT": "70000"}, "METRICS_PORT"),
        ({"METRICS_HOST": "no host"}, "METRICS_HOST"),
    ],
)
def test_what_is_not_safe_is_refused(variables: dict[str, str], named: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=named):
        settings_for_testing("sqlite:////nowhere/database", tmp_path, **variables)
