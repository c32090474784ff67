import errno
import gc
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask, has_app_context
from sqlalchemy import event
from sqlalchemy.pool import Pool

from support.applications import (
    application,
    settings_for_production,
    settings_for_testing,
    settings_of,
)
from support.databases import UNREACHABLE, on_postgresql
from support.processes import free_port
from userapi.cli.arbiter import Arbiter
from userapi.config.database import DatabaseSettings
from userapi.config.groups import LoggingSettings, ServerSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Settings
from userapi.kit.networks import is_loopback
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.settings import TokenSettings
from userapi.web.api import Api
from userapi.web.worker import Worker


@pytest.fixture
def settings(committing_app: Flask) -> Settings:
    """The settings of a server on a migrated database."""
    return settings_of(committing_app).replace(ServerSettings, port=free_port())


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on loopback that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Arbiter]]:
    """The masters that would have begun to serve; what they read of the command line is undone."""
    masters: list[Arbiter] = []
    monkeypatch.setattr(sys, "argv", ["userapi", "serve"])
    monkeypatch.setattr(Arbiter, "run", lambda master: masters.append(master))  # noqa: PLW0108 - only a function is bound
    yield masters
    gc.unfreeze()


@dataclass(frozen=True)
class Connections:
    """The database connections of all engines that were made during the test."""

    opened: list[object] = field(default_factory=list)
    closed: list[object] = field(default_factory=list)

    def open(self, connection: object, _record: object) -> None:
        self.opened.append(connection)

    def close(self, connection: object, _record: object) -> None:
        self.closed.append(connection)


@pytest.fixture
def connections() -> Iterator[Connections]:
    seen = Connections()
    listeners = (("connect", seen.open), ("close", seen.close))
    for name, listener in listeners:
        event.listen(Pool, name, listener)
    yield seen
    for name, listener in listeners:
        event.remove(Pool, name, listener)


def serve(settings: Settings, *options: str) -> Result:
    with application(settings) as app:
        return app.test_cli_runner().invoke(args=["serve", *options])


def test_gunicorn_runs_in_the_process_of_the_command(
    settings: Settings, started: list[Arbiter]
) -> None:
    serve(
        settings.replace(ServerSettings, processes=3, threads=7).replace(
            LoggingSettings, level="ERROR"
        )
    )

    cfg = started[0].cfg
    assert cfg.address == [("127.0.0.1", settings.of(ServerSettings).port)]
    assert (cfg.workers, cfg.threads, cfg.preload_app, cfg.loglevel) == (3, 7, True, "error")
    assert cfg.worker_class is Worker
    assert cfg.control_socket_disable
    assert started[0].app.app_uri == "userapi.wsgi:application()"


@pytest.mark.any_database
def test_what_takes_its_place_is_started_by_the_same_command(
    settings: Settings, started: list[Arbiter]
) -> None:
    serve(settings, "--without-worker")

    # gunicorn does so after SIGUSR2.
    assert started[0].START_CTX["args"][1:] == ["-Pm", "userapi", "serve", "--without-worker"]


@pytest.mark.any_database
def test_processes_are_replaced_after_their_share_of_requests_but_not_all_at_once(
    settings: Settings, started: list[Arbiter]
) -> None:
    serve(settings.replace(ServerSettings, max_requests=5000))

    cfg = started[0].cfg
    assert (cfg.max_requests, cfg.max_requests_jitter) == (5000, 500)


@pytest.mark.any_database
def test_the_delay_is_part_of_the_time_that_the_end_may_take(
    settings: Settings, started: list[Arbiter]
) -> None:
    serve(settings.replace(ServerSettings, shutdown_delay=timedelta(seconds=8)))

    assert started[0].cfg.graceful_timeout == 22


@pytest.mark.any_database
def test_what_was_built_once_is_served(
    settings: Settings, started: list[Arbiter], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Flask] = []
    contexts: list[bool] = []

    def run(arbiter: Arbiter) -> None:
        served.append(arbiter.app.wsgi())
        contexts.append(has_app_context())

    monkeypatch.setattr(Arbiter, "run", run)
    before = gc.get_freeze_count()
    with application(settings) as app:
        app.test_cli_runner().invoke(args=["serve"])

        assert served == [app]
        assert contexts == [False]
        assert gc.get_freeze_count() > before + len(app.view_functions)


@on_postgresql
def test_no_connection_is_left_to_the_processes_that_are_forked(
    settings: Settings, started: list[Arbiter], connections: Connections
) -> None:
    named = settings.of(DatabaseSettings).url
    with application(settings.replace(DatabaseSettings, replica_url=named)) as app:
        app.test_cli_runner().invoke(args=["serve"])

        assert connections.opened
        assert set(connections.opened) == set(connections.closed)
    assert started


@pytest.mark.any_database
def test_what_cannot_be_described_is_told_before_anything_is_served(
    database_url: str, tmp_path: Path, started: list[Arbiter], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Api) -> None:
        message = "a schema that nobody can describe"
        raise ValueError(message)

    monkeypatch.setattr(Api, "document", fail)
    settings = settings_for_production(database_url, tmp_path)

    result = serve(settings.replace(ServerSettings, port=free_port()))

    assert isinstance(result.exception, ValueError)
    assert started == []


def test_gunicorn_believes_no_proxy(settings: Settings, started: list[Arbiter]) -> None:
    serve(settings)

    assert started[0].cfg.forwarded_allow_ips == []


def test_nothing_is_told_before_the_server_listens(
    settings: Settings, started: list[Arbiter]
) -> None:
    result = serve(settings)

    assert (result.exit_code, result.stdout) == (0, "")
    assert started[0].cfg.worker_exit.__module__ == "userapi.cli.working"


def test_jobs_can_be_left_to_others(settings: Settings, started: list[Arbiter]) -> None:
    serve(settings, "--without-worker")

    assert started[0].cfg.when_ready.__module__ == "userapi.cli.listening"
    assert started[0].cfg.worker_exit.__module__ != "userapi.cli.working"


def test_a_taken_port_is_one_clear_line(
    settings: Settings, started: list[Arbiter], taken_port: int
) -> None:
    result = serve(settings.replace(ServerSettings, port=taken_port))

    assert (result.exit_code, result.output) == (
        1,
        f"Error: port {taken_port} on 127.0.0.1 is taken; stop what listens there or set PORT\n",
    )
    assert started == []


def test_a_foreign_address_is_one_clear_line(settings: Settings, started: list[Arbiter]) -> None:
    result = serve(settings.replace(ServerSettings, host="192.0.2.1"))

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith(
        f"Error: cannot listen on 192.0.2.1:{settings.of(ServerSettings).port}: Cannot assign"
    )
    assert line.endswith("; HOST must be an address of this machine, or 0.0.0.0 for all")
    assert started == []


@pytest.mark.any_database
def test_a_port_of_root_is_one_clear_line(
    settings: Settings, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)

    result = serve(settings.replace(ServerSettings, port=80))

    assert (result.exit_code, result.output) == (
        1,
        (
            "Error: cannot listen on 127.0.0.1:80: Permission denied; set PORT to 1024 or more, "
            "and let a proxy listen below that\n"
        ),
    )
    assert started == []


def test_a_schema_that_is_behind_is_one_clear_line(
    empty_database_url: str, tmp_path: Path, started: list[Arbiter]
) -> None:
    settings = settings_for_testing(empty_database_url, tmp_path)

    result = serve(settings.replace(ServerSettings, port=free_port()))

    assert (result.exit_code, result.output) == (
        1,
        "Error: the database's schema is behind this version; run: userapi db upgrade\n",
    )
    assert started == []


def test_a_ring_without_keys_is_one_clear_line(settings: Settings, started: list[Arbiter]) -> None:
    result = serve(settings.replace(TokenSettings, algorithm=Algorithm.EDDSA))

    message = "no key can sign tokens as JWT_ALGORITHM tells; run: userapi keys generate"
    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")
    assert started == []


def test_a_database_out_of_reach_is_one_clear_line(tmp_path: Path, started: list[Arbiter]) -> None:
    settings = settings_for_testing(UNREACHABLE, tmp_path)

    result = serve(settings.replace(ServerSettings, port=free_port()))

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: the database: connection failed: ")
    assert started == []


# What others can reach


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.1.2.3", "localhost", "LOCALHOST"])
def test_nobody_else_can_reach_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_others_can_reach_any_other_address(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.any_database
def test_on_loopback_nothing_is_warned_of(settings: Settings, started: list[Arbiter]) -> None:
    result = serve(settings)

    assert (result.exit_code, result.stderr) == (0, "")
    assert started


@pytest.mark.any_database
def test_what_is_not_safe_is_told_loudly(settings: Settings, started: list[Arbiter]) -> None:
    exposed = settings.replace(ServerSettings, host="0.0.0.0").replace(
        EnvironmentSettings, debug=True
    )

    result = serve(exposed)

    assert result.exit_code == 0
    assert started
    warned = result.stderr
    assert "WARNING: FLASK_ENV is testing, and others can reach 0.0.0.0." in warned
    for danger in ("CORS_ORIGINS is *", "FLASK_DEBUG", "RATELIMIT_ENABLED", "secrets", "TLS"):
        assert danger in warned, danger
    assert "everybody knows the passwords" not in warned


def test_accounts_with_known_passwords_are_told(
    own_app: Flask, settings: Settings, started: list[Arbiter]
) -> None:
    own_app.test_cli_runner().invoke(args=["seed-db"])

    warned = serve(settings.replace(ServerSettings, host="0.0.0.0")).stderr

    assert (
        "everybody knows the passwords of admin@example.com, moderator@example.com, "
        "user1@example.com (userapi seed-db made them)" in warned
    )


@pytest.mark.any_database
def test_production_is_not_warned(
    database_url: str, tmp_path: Path, started: list[Arbiter]
) -> None:
    settings = settings_for_production(database_url, tmp_path)

    result = serve(settings.replace(ServerSettings, host="0.0.0.0", port=free_port()))

    assert (result.exit_code, result.stderr) == (0, "")
