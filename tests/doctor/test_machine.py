"""Disks, rights of files, and open files, as they are found."""

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from support.applications import application, settings_for_testing
from support.doctor import found

pytestmark = pytest.mark.any_database


class Usage(NamedTuple):
    free: int


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose database is a file, which runs in a folder of its own."""
    (tmp_path / "run").mkdir()
    (tmp_path / "instance").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    url = f"sqlite:///{tmp_path}/app.sqlite3"
    with application(settings_for_testing(url, tmp_path / "instance")) as app:
        yield app


def test_each_folder_is_told(app: Flask, tmp_path: Path) -> None:
    lines = found(app, "disk")

    assert [line.partition(":")[0] for line in lines][:2] == [
        f"ok | DATABASE_URL {tmp_path}",
        f"ok | INSTANCE_PATH {tmp_path / 'instance'}",
    ]
    assert lines[2].startswith("ok | TMPDIR ")
    assert lines[3].startswith("ok | a process may open ")


@pytest.mark.parametrize(("mebibytes", "verdict"), [(99, "failed"), (1000, "warning")])
def test_little_room_is_told(
    app: Flask, tmp_path: Path, mebibytes: int, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = Usage(mebibytes * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert found(app, "disk")[0] == (
        f"{verdict} | DATABASE_URL {tmp_path}: {mebibytes} MiB are free | make room, or have "
        "DATABASE_URL elsewhere"
    )


def test_secrets_that_others_may_read_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40))  # others write meanwhile
    file = Path(".env").absolute()
    file.touch(mode=0o600)
    before = found(app, "disk")
    file.chmod(0o640)

    (new,) = set(found(app, "disk")) - set(before)

    assert new == (
        f"warning | others may read {file}, which may hold secrets | run: chmod 600 {file}"
    )


def test_too_few_files_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))

    assert found(app, "disk")[-1] == (
        "failed | a process may open 64 files, and needs 256 | raise the limit, with ulimit -n "
        "4096 or LimitNOFILE=4096 in the unit"
    )
