"""Programs that Debian's packages bring, and their configurations as they are shipped."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.processes import children_of
from support.processes import clean_environment

PACKAGES = {
    "patroni": "patroni",
    "patronictl": "patroni",
    "etcd": "etcd-server",
    "pgbouncer": "pgbouncer",
    "redis-server": "redis-server",
    "haproxy": "haproxy",
}
"""Which package brings a program."""
_DEPLOY = Path(__file__).parents[2] / "deploy"
_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LOOK = 0.05
_TAIL = 2000


class PackageMissing(Exception):
    """A program is not there."""

    def __init__(self, package: str) -> None:
        super().__init__(f"the Debian package {package} is missing: apt-get install {package}")


def program(name: str) -> str:
    """Return where a program is. Raises `PackageMissing`."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        raise PackageMissing(PACKAGES[name])
    return found


def ensure_programs() -> None:
    """Raise `PackageMissing` if one is not there."""
    for name in PACKAGES:
        program(name)


def shipped(file: str, changes: Mapping[str, str]) -> str:
    """Return a configuration of `deploy/` with other values, each by the pattern of the old one.

    Raises `LookupError` for a pattern that is not there.
    """
    text = (_DEPLOY / file).read_text(encoding="utf-8")
    for pattern, put in changes.items():
        text, found = re.subn(pattern, put.replace("\\", r"\\"), text, flags=re.MULTILINE)
        if not found:
            message = f"{file} has no {pattern}"
            raise LookupError(message)
    return text


class Program:
    """Something that runs until it is stopped or killed, and may be started again."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        answers: Callable[[], bool],
        **options: Any,
    ) -> None:
        self._command = command
        self._log = log
        self._answers = answers
        self._options = {"env": clean_environment(), "cwd": "/", **options}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.is_running or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text(errors="replace")[-_TAIL:])
            time.sleep(_LOOK)

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - what Debian brings
                self._command, stdout=output, stderr=subprocess.STDOUT, **self._options
            )

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill it and what it has started."""
        if self._process is None:
            return
        for one in (self._process.pid, *children_of(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._process.wait(_STOP_SECONDS)

    def stop(self) -> None:
        """Have it end; kill it if it does not."""
        if self._process is None or not self.is_running:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
