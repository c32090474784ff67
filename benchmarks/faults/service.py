"""The service as it is run in production, with its processes in reach."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.services import NO_LIMIT
from benchmarks.speed.processes import children_of, command_of
from support.paths import READY
from support.processes import PRODUCTION_SECRETS, clean_environment, client_of, free_port

_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
_LOOK = 0.02
_LIMITS = (
    "RATELIMIT_CLIENT",
    "RATELIMIT_WRITES",
    "RATELIMIT_REGISTER",
    "RATELIMIT_REGISTRATIONS_OVERALL",
    "RATELIMIT_LOGIN",
    "RATELIMIT_REFRESH",
    "RATELIMIT_FAILED_LOGINS",
    "RATELIMIT_FAILED_LOGINS_BY_NETWORK",
)


class Service:
    """A server of its own on loopback: two processes, unless settings say otherwise."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        settings: Mapping[str, str],
        options: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"service-{self.port}.log"
        self._folder = folder
        self._command = self.command("serve", *options)
        self.variables = clean_environment(
            **PRODUCTION_SECRETS,
            FLASK_ENV="development",
            DATABASE_URL=database_url,
            INSTANCE_PATH=str(folder),
            PORT=str(self.port),
            LOG_LEVEL="WARNING",
            **{"WEB_CONCURRENCY": "2", **dict.fromkeys(_LIMITS, NO_LIMIT), **settings},
        )
        self._processes = int(self.variables["WEB_CONCURRENCY"])
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def command(*arguments: str) -> list[str]:
        """Return the words of one of the service's commands, to be run with its variables."""
        return [sys.executable, "-m", "userapi", *arguments]

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                cwd=self._folder,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        """Wait until it says that it is."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_ready() or len(self.workers) < self._processes:
            if self.process.poll() is not None or time.monotonic() > deadline:
                message = f"it did not start:\n{self.log.read_text(errors='replace')[-2000:]}"
                raise RuntimeError(message)
            time.sleep(_LOOK)

    def is_ready(self) -> bool:
        """Say whether it is ready."""
        with contextlib.suppress(OSError, Exception), client_of(self.url, timeout=5) as client:
            return client.get(READY, headers={"Connection": "close"}).is_success
        return False

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """What was started: the supervisor if there is one, else gunicorn's master."""
        if self._process is None:
            message = "it was not started"
            raise RuntimeError(message)
        return self._process

    @property
    def master(self) -> int:
        """The process that has the workers."""
        top = self.process.pid
        return next((one for one in children_of(top) if children_of(one)), top)

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return [
            one for one in children_of(self.master) if "resource_tracker" not in command_of(one)
        ]

    def count_told(self, words: str) -> int:
        """Return how often its log has said something."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(words)

    def stop(self) -> float:
        """Have it end as an operator does; return how long that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(_STOP_SECONDS)
        return time.monotonic() - began

    def destroy(self) -> None:
        """Kill whatever is left of it."""
        if self._process is None:
            return
        everybody = [*children_of(self.process.pid), self.process.pid]
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            for one in everybody:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            self.process.wait(_STOP_SECONDS)


@contextlib.contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Run the service until the block ends."""
    try:
        service.start()
        yield service
    finally:
        service.destroy()


def is_alive(process: int) -> bool:
    """Say whether there is a process that runs; one that has ended may still be listed."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def seconds_until(is_so: Callable[[], bool], seconds: float) -> float:
    """Wait for something, and return how long it took; infinity if it did not happen."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if is_so():
            return time.monotonic() - began
        time.sleep(_LOOK)
    return float("inf")
