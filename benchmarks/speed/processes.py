"""Processes that are pinned to a processor, and what Linux tells about them in `/proc`."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.005
_TAIL = 600
_USABLE = sorted(os.sched_getaffinity(0))  # before this process is pinned


class DidNotStart(Exception):
    """A server ended, or gave no answer within half a minute."""


@dataclass(frozen=True)
class Program:
    """What is run: its command, its environment, and the processors that it is pinned to."""

    command: tuple[str, ...]
    variables: Mapping[str, str]
    processors: frozenset[int]


def processors() -> tuple[int, int]:
    """Return the processor of servers, and that of the load and PostgreSQL."""
    return _USABLE[0], _USABLE[-1]


def children_of(process: int) -> list[int]:
    """Return the processes that a process started, those of them as well."""
    found: list[int] = []
    threads: list[Path] = []
    # Each may have ended meanwhile.
    with contextlib.suppress(OSError):
        threads += Path(f"/proc/{process}/task").iterdir()
    for thread in threads:
        with contextlib.suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found + [below for child in found for below in children_of(child)]


def seconds_in(stat: str) -> float:
    """Return the processor time in the text of a `/proc/PID/stat`: of the program and its calls.

    That of children that have ended is among it: backends of PostgreSQL come and go.
    """
    # The name, in brackets, may have spaces.
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def processor_seconds(process: int) -> float:
    """Return the processor time of a process and of all below it, those that have ended too."""
    total = 0.0
    for number in (process, *children_of(process)):
        with contextlib.suppress(OSError):
            total += seconds_in(Path(f"/proc/{number}/stat").read_text())
    return total


def workers_of(process: int) -> list[int]:
    """Return the processes that answer: those that a master started, else itself."""
    below = children_of(process)
    # Python's helper that watches over shared memory answers nobody.
    answering = [one for one in below if "resource_tracker" not in command_of(one)]
    return answering or [process]


def command_of(process: int) -> str:
    """Return the command line of a process; nothing of one that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text()
    return ""


def resident_mebibytes(process: int) -> float:
    """Return the memory of a process that is resident, shared parts included."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


@contextlib.contextmanager
def running(program: Program, log: Path, is_ready: Callable[[], bool]) -> Iterator[int]:
    """Run a program until the block ends; yield its id once it is ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the contenders' own commands
            program.command,
            env=dict(program.variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            preexec_fn=partial(os.sched_setaffinity, 0, program.processors),  # noqa: PLW1509 - no threads here
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(log.read_text(errors="replace")[-_TAIL:])
            time.sleep(_POLL_SECONDS)
        yield process.pid
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    below = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for number in (process.pid, *below):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.wait(_STOP_SECONDS)


def answers(port: int, path: str) -> bool:
    """Say whether something on that port answers a request as it should."""
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(request)
        return client.recv(12).endswith(b"200")
    return False
