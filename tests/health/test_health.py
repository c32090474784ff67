from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.answers import parameters, verdict
from support.applications import application, settings_for_testing
from support.databases import set_revision
from support.paths import LIVE, READY
from support.processes import free_port


@pytest.fixture
def unmigrated_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has no tables."""
    with application(settings_for_testing(empty_database_url, tmp_path)) as app:
        yield app


@pytest.fixture
def newer_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database was migrated by a later version."""
    set_revision(database_url, "9999")
    with application(settings_for_testing(database_url, tmp_path)) as app:
        yield app


@pytest.fixture
def orphaned_app(database: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database is out of reach."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path}/missing/database.sqlite3"
    else:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/postgres"
    with application(settings_for_testing(url, tmp_path)) as app:
        yield app


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    answer = client.get(LIVE)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_a_process_without_its_database_is_alive(orphaned_app: Flask) -> None:
    answer = orphaned_app.test_client().get(LIVE)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_nothing_else_is_answered_while_all_threads_wait(orphaned_app: Flask) -> None:
    assert orphaned_app.config["PATHS_TOUCHING_NOTHING"] == {LIVE}


def test_readiness_is_answered_while_all_threads_wait(orphaned_app: Flask) -> None:
    assert orphaned_app.config["PATHS_FOR_OPERATORS"] == {READY}


def test_with_a_migrated_database_it_is_ready(own_app: Flask) -> None:
    answer = own_app.test_client().get(READY)

    seen = answer.get_json()
    assert (answer.status_code, seen["status"]) == (200, "ok")
    names = {check["name"] for check in seen["checks"]}
    assert names == {"database", "mail", "migrations", "rate_limits", "signing_keys"}


def test_with_an_unmigrated_database_it_is_not_ready(unmigrated_app: Flask) -> None:
    answer = unmigrated_app.test_client().get(READY)

    assert verdict(answer) == (503, "not-ready")


def test_with_a_newer_database_it_is_ready(newer_app: Flask) -> None:
    answer = newer_app.test_client().get(READY)

    assert answer.status_code == 200


def test_without_its_database_it_is_not_ready(orphaned_app: Flask) -> None:
    answer = orphaned_app.test_client().get(READY)

    assert verdict(answer) == (503, "store-unavailable")


def test_the_database_that_is_missing_is_not_described(orphaned_app: Flask) -> None:
    body = orphaned_app.test_client().get(READY).text.lower()

    assert "127.0.0.1" not in body
    assert "sqlite" not in body


def test_it_tells_when_to_ask_again(orphaned_app: Flask) -> None:
    answer = orphaned_app.test_client().get(READY)

    assert int(answer.headers["Retry-After"]) > 0


def test_while_not_ready_it_tells_when_to_ask_again(unmigrated_app: Flask) -> None:
    answer = unmigrated_app.test_client().get(READY)

    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", [LIVE, READY])
def test_health_takes_no_parameters(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?deep=true")

    assert answer.status_code == 400
    assert parameters(answer) == ["deep"]


@pytest.mark.parametrize("path", [LIVE, READY])
def test_health_has_no_prefix(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}")

    assert answer.status_code == 404
