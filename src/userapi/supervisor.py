"""Holds the socket that the service listens on, and runs the service behind it.

`userapi serve --supervised` becomes this. Connections that come while a server is replaced, or has
died, wait in the socket for the next one.

    SIGHUP    starts another server, with the settings and the version that are there by then. When
              it serves, the one before finishes what it was asked for and ends; where it does not
              come to that, the one before goes on.
    SIGTERM   goes to the server, and this process ends with it; so do SIGUSR1, SIGINT
              and SIGQUIT.

A server that dies is replaced, and a start that fails is tried again. Only where none has served
yet, one that ends by itself ends this process, too.

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

from userapi.config.inherited import LISTENER, has_listener, leave_listener
from userapi.web.log_lines import JSONFormatter, TextFormatter

START_SECONDS = 60
"""How long a server may take until it serves."""

END_SECONDS = 40
"""How long a server may take to end: more than it grants to what it was asked for."""

SHORT_SECONDS = 5
"""A server that has lived for less is replaced after a pause only, like one that never served."""

PAUSE_SECONDS = 1
"""How long it is until another start is tried."""

_LOOK_SECONDS = 0.1
_IDLE_SECONDS = 3600
_DATAGRAMS = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
_ENDING = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGQUIT)
_HEARD = (signal.SIGHUP, signal.SIGUSR2, signal.SIGCHLD, *_ENDING)
_NOT_STARTED = 127

_log = logging.getLogger("userapi.supervisor")


class Server:
    """A process of the service, behind the socket that this process holds."""

    def __init__(self, command: Sequence[str]) -> None:
        self._has_served = False
        self._began = time.monotonic()
        self._deadline = time.monotonic() + START_SECONDS
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(_folder())
            told_at = Path(folder, "told")
            self._told = stack.enter_context(socket.socket(socket.AF_UNIX, _DATAGRAMS))
            self._told.bind(str(told_at))
            self.pid = os.fork()
            if self.pid == 0:
                _become(command, told_at)
            self._opened = stack.pop_all()

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
        self._opened.close()


class Supervisor:
    """Runs a command behind the socket; raises `OSError` where the first start fails."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._servers: dict[int, Server] = {}
        self._current = self._start()
        self._next: Server | None = None
        self._has_served = False
        self._starts_at = 0.0
        self._is_wanted = False
        self._is_ending = False
        self._status = 0

    def run(self) -> int:
        """Go on until this is to end; return how the last server ended."""
        while self._servers or not self._is_ending:
            seconds = _LOOK_SECONDS if self._is_waiting else _IDLE_SECONDS
            if received := signal.sigtimedwait(_HEARD, seconds):
                self._hear(signal.Signals(received.si_signo))
            self._reap()
            self._look_after()
        return self._status

    @property
    def _is_waiting(self) -> bool:
        """Whether something is to happen that no signal tells of."""
        is_alone = self._is_there and len(self._servers) == 1
        return self._is_ending or not is_alone or not self._current.has_served

    @property
    def _is_there(self) -> bool:
        """Whether the current server runs."""
        return self._current.pid in self._servers

    def _start(self) -> Server:
        server = Server(self._command)
        self._servers[server.pid] = server
        return server

    def _hear(self, number: signal.Signals) -> None:
        if number in _ENDING:
            self._end_all(number)
        elif number == signal.SIGHUP:
            self._is_wanted = True
        elif number == signal.SIGUSR2:
            _log.warning("SIGUSR2 does nothing here; SIGHUP has the server replaced")

    def _end_all(self, number: signal.Signals) -> None:
        """Have the servers end, who answer all that wait in the socket: they alone have it now."""
        # Where somebody else has it, such as systemd, it stays open for who comes next.
        if not self._is_ending and not has_listener():
            os.close(LISTENER)
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
        if server is self._next:
            self._next = None
            _log.error("The new server did not begin to serve; the one before goes on")
        elif server is self._current:
            self._status = status if status >= 0 else 128 - status
            self._has_served |= server.has_served
            # One that is killed has not chosen to end; one that cannot start says so by its status.
            if self._is_ending:
                pass
            elif self._has_served or status < 0:
                self._replace(server, status)
            else:
                self._end_all(signal.SIGTERM)
        server.close()

    def _replace(self, server: Server, status: int) -> None:
        how = "has died" if server.has_served else "did not begin to serve"
        _log.error("The server %s %s (%s); another is started", server.pid, how, status)
        if self._next is not None:
            self._current, self._next = self._next, None
        elif server.was_short_lived or not server.has_served:
            self._starts_at = time.monotonic() + PAUSE_SECONDS

    def _look_after(self) -> None:
        if self._next is not None and self._next.has_served and not self._is_ending:
            before, self._current, self._next = self._current, self._next, None
            _log.info("The server %s takes the place of %s", self._current.pid, before.pid)
            before.end(signal.SIGUSR1)
        for late in [each for each in self._servers.values() if each.is_late]:
            _log.error("The server %s takes too long and is killed", late.pid)
            late.kill()
        if not self._is_ending and self._next is None:
            self._start_if_due()

    def _start_if_due(self) -> None:
        """Start the server that is missing, or the one that is wanted beside the current one."""
        try:
            if self._is_there and self._is_wanted:
                self._is_wanted = False
                self._next = self._start()
            elif not self._is_there and time.monotonic() >= self._starts_at:
                self._is_wanted = False
                self._current = self._start()
        except OSError as error:
            self._starts_at = time.monotonic() + PAUSE_SECONDS
            then = "the one before goes on" if self._is_there else "it is tried again"
            _log.error("No other server can be started (%s); %s", error, then)


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="userapi-", ignore_cleanup_errors=True)


def _become(command: Sequence[str], told_at: Path) -> None:
    """Become a program that has the socket; does not return."""
    try:
        leave_listener(told_at)
        # What handles a signal here is gone with this program, and the signal would be, too.
        for number in _HEARD:
            signal.signal(number, signal.SIG_DFL)
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
    return Supervisor(command).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
