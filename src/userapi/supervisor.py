"""Holds the socket that the service listens on, and runs the service behind it.

`userapi serve --supervised` becomes this. Connections that come while a server is replaced, or has
died, wait in the socket for the next one.

    SIGHUP    starts another server, with the settings and the version that are there by then. When
              it serves, the one before finishes what it was asked for and ends; where it does not
              come to that, the one before goes on.
    SIGTERM   goes to the server, and this process ends with it; so do SIGINT and SIGQUIT.

A server that dies is replaced; one that ends by itself before it has served ends this process, too.
Nothing of the service is loaded here: the process is small, and no request can harm it.
"""

import contextlib
import logging
import math
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from userapi.config.inherited import leave_listener
from userapi.web.log_lines import JSONFormatter, TextFormatter

START_SECONDS = 60
"""How long a server may take until it serves."""

END_SECONDS = 40
"""How long a server may take to end: more than it grants to what it was asked for."""

SHORT_SECONDS = 5
"""A server that has lived for less is replaced after a second only."""

_LOOK_SECONDS = 0.1
_PAUSE_SECONDS = 1
_IDLE_SECONDS = 3600
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_HEARD = (signal.SIGHUP, signal.SIGCHLD, *_ENDING)
_NOT_STARTED = 127

_log = logging.getLogger("userapi.supervisor")


class Server:
    """A process of the service, behind the socket that this process holds."""

    def __init__(self, command: Sequence[str], told_at: Path) -> None:
        self._told_at = told_at
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._told.bind(str(told_at))
        self._has_served = False
        self._began = time.monotonic()
        self._deadline = time.monotonic() + START_SECONDS
        self.pid = os.fork()
        if self.pid == 0:
            _become(command, told_at)

    @property
    def has_served(self) -> bool:
        """Whether it has said that it serves."""
        with contextlib.suppress(BlockingIOError):
            while not self._has_served:
                if b"READY=1" in self._told.recv(4096):
                    self._has_served, self._deadline = True, math.inf
        return self._has_served

    @property
    def is_late(self) -> bool:
        """Whether it takes longer than it may, to serve or to end."""
        return time.monotonic() > self._deadline

    @property
    def was_short_lived(self) -> bool:
        """Whether it was started a moment ago."""
        return time.monotonic() - self._began < SHORT_SECONDS

    def kill(self) -> None:
        """End it at once, and its processes with it: they see that it is gone."""
        self._deadline = math.inf
        os.kill(self.pid, signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        """Have it end by that signal, within its time."""
        self._deadline = min(self._deadline, time.monotonic() + END_SECONDS)
        os.kill(self.pid, number)

    def close(self) -> None:
        """Listen to it no more, when it has ended."""
        self._told.close()
        self._told_at.unlink(missing_ok=True)


class Supervisor:
    """Runs a command behind the socket; `folder` is for files of its own."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._started = 0
        self._servers: dict[int, Server] = {}
        self._current = self._start()
        self._next: Server | None = None
        self._is_wanted = False
        self._is_ending = False
        self._status = 0

    def run(self) -> int:
        """Go on until there is no server any more; return how the last one ended."""
        while self._servers:
            seconds = _LOOK_SECONDS if self._is_waiting else _IDLE_SECONDS
            if received := signal.sigtimedwait(_HEARD, seconds):
                self._hear(signal.Signals(received.si_signo))
            self._reap()
            self._look_after()
        return self._status

    @property
    def _is_waiting(self) -> bool:
        """Whether something is to happen that no signal tells of."""
        return self._is_ending or len(self._servers) > 1 or not self._current.has_served

    def _start(self) -> Server:
        self._started += 1
        server = Server(self._command, self._folder / f"server-{self._started}")
        self._servers[server.pid] = server
        return server

    def _hear(self, number: signal.Signals) -> None:
        if number in _ENDING:
            self._end_all(number)
        elif number == signal.SIGHUP:
            self._is_wanted = True

    def _end_all(self, number: signal.Signals) -> None:
        self._is_ending = True
        for server in self._servers.values():
            server.end(number)

    def _reap(self) -> None:
        """See who has ended; as a container's first process it sees others end as well."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if server := self._servers.pop(ended[0], None):
                    self._see_off(server, os.waitstatus_to_exitcode(ended[1]))

    def _see_off(self, server: Server, status: int) -> None:
        # One that is killed has not chosen to end; one that cannot start says so by its status.
        is_to_be_replaced = server.has_served or status < 0
        server.close()
        if server is self._next:
            self._next = None
            _log.error("The new server did not begin to serve; the one before goes on")
        elif server is self._current:
            self._status = status if status >= 0 else 128 - status
            if not self._is_ending and is_to_be_replaced:
                _log.error("The server %s has died (%s); another is started", server.pid, status)
                if server.was_short_lived:
                    time.sleep(_PAUSE_SECONDS)
                self._current, self._next = self._next or self._start(), None
            elif not self._is_ending:
                self._end_all(signal.SIGTERM)

    def _look_after(self) -> None:
        if self._next is not None and self._next.has_served and not self._is_ending:
            before, self._current, self._next = self._current, self._next, None
            _log.info("The server %s takes the place of %s", self._current.pid, before.pid)
            before.end(signal.SIGUSR1)
        for late in [each for each in self._servers.values() if each.is_late]:
            _log.error("The server %s takes too long and is killed", late.pid)
            late.kill()
        if self._is_wanted and self._next is None and not self._is_ending:
            self._is_wanted = False
            self._start_next()

    def _start_next(self) -> None:
        try:
            self._next = self._start()
        except OSError:
            _log.exception("No other server can be started; the one before goes on")


def _become(command: Sequence[str], told_at: Path) -> None:
    """Become a program that has the socket; does not return."""
    try:
        leave_listener(told_at)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        os.execvp(command[0], list(command))  # noqa: S606 - there is no shell in it
    finally:
        os._exit(_NOT_STARTED)


def main(log_format: str, *command: str) -> int:
    """Run that command behind the socket that is open already; return its status.

    What is told of it is written as the command writes its log, `text` or `json`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter(dict) if log_format == "json" else TextFormatter(dict))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    with tempfile.TemporaryDirectory(prefix="userapi-") as folder:
        return Supervisor(command, Path(folder)).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
