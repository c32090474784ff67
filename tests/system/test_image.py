"""The image: built by tools/build-image, run as in production, asked over HTTP."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION
from support.containers import NEEDED, WORKING_FOLDER, Containers, built_image
from support.paths import READY, USERS
from support.processes import client_of, free_port

pytestmark = [pytest.mark.system, pytest.mark.long]

USER_ID = "10001"


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    with built_image() as made:
        if made is not None:
            yield made
        elif os.environ.get("CI") == "true":
            pytest.fail(NEEDED)
        else:
            pytest.skip(NEEDED)  # where nobody asked for CI's strictness


@pytest.fixture(scope="module")
def production() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{WORKING_FOLDER}/served.sqlite3",
        "PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def client(
    containers: Containers,
    production: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    migrated = containers.run("userapi", "db", "upgrade", **production)
    assert migrated.returncode == 0, migrated.stderr
    folder = tmp_path_factory.mktemp("image")
    with containers.serving(folder, **production) as url, client_of(url) as client:
        yield client


def test_service_is_ready(client: httpx.Client) -> None:
    answer = client.get(READY)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_somebody_registers(client: httpx.Client) -> None:
    answer = client.post(USERS, json=REGISTRATION)
    assert answer.status_code == 201
    assert answer.json()["email"] == REGISTRATION["email"]


def test_health_check_answers_for_the_service(
    client: httpx.Client, containers: Containers, production: dict[str, str]
) -> None:
    _, *check = containers.configured("Healthcheck")["Test"]
    assert containers.run(*check, PORT=production["PORT"]).returncode == 0
    assert containers.run(*check, PORT=str(free_port())).returncode != 0


@pytest.mark.usefixtures("client")
def test_stops_cleanly_and_in_time_on_sigterm(
    containers: Containers, production: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    command = containers.command(
        containers.configured("Cmd"),
        {**production, "PORT": str(port), "SHUTDOWN_DELAY_SECONDS": "1"},
    )
    assert containers.status_after_sigterm(command, tmp_path, port) == 0


@pytest.mark.usefixtures("client")
def test_serves_where_the_root_is_read_only(
    containers: Containers, production: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    variables = {**production, "PORT": str(port), "SHUTDOWN_DELAY_SECONDS": "0"}
    command = containers.read_only_command(containers.configured("Cmd"), variables)
    assert containers.status_after_sigterm(command, tmp_path, port) == 0
    touch = ["sh", "-c", "touch /tmp/it && ! touch /opt/userapi/it && ! touch /var/it"]
    tried = subprocess.run(
        containers.read_only_command(touch, {}), env=containers.environment, check=False, timeout=60
    )
    assert tried.returncode == 0


def test_user_is_not_root(containers: Containers) -> None:
    assert containers.run("id", "-u").stdout.strip() == USER_ID


def test_only_the_working_folder_is_writable(containers: Containers) -> None:
    found = containers.run(
        "find", "/etc", "/opt", "/usr", "/var/lib", "-writable", "-not", "-type", "l"
    )
    assert [path for path in found.stdout.split() if not path.startswith(WORKING_FOLDER)] == []
    assert containers.run("test", "-w", WORKING_FOLDER).returncode == 0


@pytest.mark.parametrize("name", ["pip", "pip3", "gcc", "make", "hatchling", "pytest"])
def test_has_no_command_for_building(containers: Containers, name: str) -> None:
    assert containers.run("sh", "-c", f"command -v {name}").stdout == ""


def test_has_no_package_for_building(containers: Containers) -> None:
    # The base's own packages count as well.
    packages = _found(containers, "-path", "*-packages/*", "-prune")
    assert "userapi" in packages
    assert packages.isdisjoint({"pip", "setuptools", "hatchling", "editables", "pytest"})


def test_has_none_of_our_tests(containers: Containers) -> None:
    files = _found(containers, "-name", "*.py")
    assert "wsgi.py" in files
    assert files.isdisjoint({"conftest.py", Path(__file__).name})


def test_refuses_to_serve_an_unmigrated_database(
    containers: Containers, production: dict[str, str]
) -> None:
    empty = {**production, "DATABASE_URL": f"sqlite:///{WORKING_FOLDER}/empty.sqlite3"}
    refused = containers.run("userapi", "serve", **{**empty, "PORT": str(free_port())})
    assert refused.returncode != 0
    (error,) = _errors(refused)
    missing = f"Error: the database: there is no file {WORKING_FOLDER}/empty.sqlite3"
    assert error == f"{missing}; run: userapi db upgrade, or name another in DATABASE_URL"


def test_refuses_to_serve_without_secrets(
    containers: Containers, production: dict[str, str]
) -> None:
    given = {name: production[name] for name in ("DATABASE_URL", "PORT")}
    refused = containers.run("userapi", "serve", **given)
    assert refused.returncode != 0
    assert "  SECRET_KEY: must be set in production" in refused.stderr
    assert "  JWT_SECRET_KEY: must be set in production" in refused.stderr


def _found(containers: Containers, *conditions: str) -> set[str]:
    listed = containers.run("find", "/", "-xdev", *conditions, "-printf", "%f\\n")
    return set(listed.stdout.splitlines())


def _errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what the service complains of, without what buildah adds of its own."""
    lines = done.stderr.splitlines()
    return [line for line in lines if not re.match("subprocess exited|Error: exit status", line)]
