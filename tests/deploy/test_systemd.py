"""The units for systemd, as systemd reads them, and the socket that it hands over."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support.paths import READY
from support.processes import client_of, environment_for_testing, free_port, running

pytestmark = [pytest.mark.system, pytest.mark.any_database]

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
ABSENT = "/opt/userapi/bin/userapi"


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = f"{name} is missing; install systemd, then run make test-system"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return str(found)


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units, with a program that is there."""
    copies = []
    for unit in UNITS.glob("*.*"):
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text().replace(ABSENT, "/bin/true"))
        copies.append(str(copy))
    return copies


def test_systemd_understands_the_units(units: list[str]) -> None:
    verified = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_service_takes_the_socket_that_it_is_given(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = environment_for_testing(database_url, tmp_path)
    serve = [sys.executable, "-m", "userapi", "serve", "--without-worker"]
    variables = [f"--setenv={name}={value}" for name, value in environment.items()]

    with (
        client_of(f"http://127.0.0.1:{port}", headers={"Connection": "close"}) as client,
        running(
            program("systemd-socket-activate"),
            f"--listen=127.0.0.1:{port}",
            *variables,
            *serve,
            log=tmp_path / "log",
            is_ready=lambda: "Listening on" in (tmp_path / "log").read_text(),
            cwd=tmp_path,
            env=environment,
        ),
    ):
        # The first connection starts the service, and waits for it in the socket.
        assert client.get(READY).status_code == httpx.codes.OK
        assert f"userapi listens on http://127.0.0.1:{port}" in (tmp_path / "log").read_text()
