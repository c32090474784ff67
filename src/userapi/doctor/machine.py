"""This machine: room on its disks, rights of its files, open files."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Settings
from userapi.doctor.preconditions import ensure_enough_files, most_open_files, sqlite_file
from userapi.kit.diagnoses import Finding, failed, ok, warning

_MEBIBYTE = 2**20
_TOO_LITTLE = 100 * _MEBIBYTE
_LITTLE = 1024 * _MEBIBYTE
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def disk_findings(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to tell of the folders in which files are written."""
    for name, folder in _folders(settings):
        free = shutil.disk_usage(folder).free
        told = f"{name} {folder}: {free // _MEBIBYTE} MiB are free"
        if not os.access(folder, os.W_OK | os.X_OK):
            yield failed(f"{name} {folder}: this user cannot write there", "change owner or rights")
        elif free < _LITTLE:
            tell = failed if free < _TOO_LITTLE else warning
            yield tell(told, f"make room, or have {name} elsewhere")
        else:
            yield ok(told)
    yield from _rights_findings()
    ensure_enough_files()
    yield ok(f"a process may open {most_open_files()} files")


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield the folders that are there, each after the variable that names it."""
    file = sqlite_file(settings)
    if file is not None and file.parent.is_dir():
        yield "DATABASE_URL", file.parent
    instance = settings.of(EnvironmentSettings).instance_path
    if instance.is_dir() and (file is None or instance != file.parent):
        yield "INSTANCE_PATH", instance
    yield "TMPDIR", Path(tempfile.gettempdir())


def _rights_findings() -> Iterator[Finding]:
    file = Path(".env").absolute()
    if file.is_file() and file.stat().st_mode & _OTHERS:
        yield warning(f"others may read {file}, which may hold secrets", f"run: chmod 600 {file}")
