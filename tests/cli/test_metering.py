"""The folder of a server's metrics, and the slots of its processes."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from support.applications import application, settings_for_testing
from support.processes import free_port
from userapi.cli.metering import assign_slot, prepare_folder, remove_folder
from userapi.config.inherited import metrics_folder

pytestmark = pytest.mark.any_database


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders for metrics are made; what is told of them is forgotten after the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    return tmp_path


@pytest.fixture
def metered(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose metrics have a port."""
    settings = settings_for_testing(database_url, tmp_path, METRICS_PORT=str(free_port()))
    with application(settings) as app:
        yield app


def server_of(app: Flask) -> Any:
    return SimpleNamespace(app=SimpleNamespace(wsgi=lambda: app), WORKERS={})


def folders_in(folder: Path) -> set[Path]:
    return set(folder.glob("userapi-metrics-*"))


def test_the_folder_is_there_while_the_server_is(metered: Flask, folder: Path) -> None:
    server = server_of(metered)

    prepare_folder(server)
    made = metrics_folder()
    assert made is not None
    assert folders_in(folder) == {made}
    assert made.stat().st_mode & 0o077 == 0

    remove_folder(server)
    assert folders_in(folder) == set()


def test_what_a_killed_server_left_is_deleted_and_nothing_else(
    metered: Flask, folder: Path
) -> None:
    left, held = folder / "userapi-metrics-left", folder / "userapi-metrics-held"
    for each in (left, held):
        each.mkdir()
        (each / "counter_0.db").touch()
    lock = os.open(held, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = server_of(metered)
        prepare_folder(server)
    finally:
        os.close(lock)
    remove_folder(server)

    assert not left.exists()
    assert (held / "counter_0.db").exists()


def test_nothing_is_made_where_nobody_wants_metrics(app: Flask, folder: Path) -> None:
    server = server_of(app)

    prepare_folder(server)
    remove_folder(server)

    assert (folders_in(folder), metrics_folder()) == (set(), None)


def test_a_slot_is_given_again_when_its_process_has_ended() -> None:
    server = SimpleNamespace(WORKERS={})
    for pid in (11, 12, 13):
        server.WORKERS[pid] = assigned(server)
    del server.WORKERS[12]

    assert assigned(server).metrics_slot == 1


def assigned(server: Any) -> Any:
    worker = SimpleNamespace()
    assign_slot(server, worker)
    return worker
