"""Every documented way to start the service really serves."""

import sys
from pathlib import Path

import pytest

from support.accounts import PASSWORD, bearer
from support.databases import on_sqlite
from support.paths import LOGIN, ME, USERS
from support.processes import (
    PRODUCTION_SECRETS,
    clean_environment,
    client_of,
    environment_for_testing,
    free_port,
    run_python,
    serving,
)

pytestmark = pytest.mark.system

PERSON = {"email": "ada@example.com", "password": PASSWORD}
GUNICORN = ["-m", "gunicorn", "-w", "2", "-b"]
IN_PRODUCTION = "userapi:create_app('production')"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def for_testing(database_url: str, tmp_path: Path, port: int) -> dict[str, str]:
    """The environment of a server on the test's own database."""
    return environment_for_testing(database_url, tmp_path, PORT=str(port))


def for_production(database_url: str) -> dict[str, str]:
    return clean_environment(**PRODUCTION_SECRETS, DATABASE_URL=database_url)


def email_after_login(url: str) -> str:
    """Register and log in; return whom the token is said to belong to."""
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    with client_of(url) as client:
        client.post(USERS, json=PERSON | names).raise_for_status()
        login = client.post(LOGIN, json=PERSON).raise_for_status()
        me = client.get(ME, headers=bearer(login.json()["access_token"])).raise_for_status()
    return str(me.json()["email"])


@pytest.mark.system
@on_sqlite
def test_flask_run(for_testing: dict[str, str], tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-m", "flask", "--app", "userapi", "run", "--port", str(port)]

    with serving(*command, folder=tmp_path, variables=for_testing, port=port) as url:
        assert email_after_login(url) == PERSON["email"]


@pytest.mark.any_database
def test_the_module_in_production(database_url: str, tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-m", "userapi", "serve"]
    variables = for_production(database_url) | {"PORT": str(port), "WEB_CONCURRENCY": "2"}

    with serving(*command, folder=tmp_path, variables=variables, port=port) as url:
        assert email_after_login(url) == PERSON["email"]


@pytest.mark.system
def test_gunicorn_in_production(database_url: str, tmp_path: Path, port: int) -> None:
    command = [sys.executable, *GUNICORN, f"127.0.0.1:{port}", IN_PRODUCTION]
    variables = for_production(database_url)

    with serving(*command, folder=tmp_path, variables=variables, port=port) as url:
        assert email_after_login(url) == PERSON["email"]


@on_sqlite
def test_gunicorn_refuses_a_schema_that_is_behind(
    empty_database_url: str, tmp_path: Path, port: int
) -> None:
    command = [*GUNICORN, f"127.0.0.1:{port}", IN_PRODUCTION]

    ended = run_python(*command, folder=tmp_path, variables=for_production(empty_database_url))

    assert ended.returncode != 0
    assert "the database's schema is behind this version" in ended.stderr
