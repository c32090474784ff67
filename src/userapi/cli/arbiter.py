"""gunicorn's master, which tells before it stops, and replaces a process before that one ends.

SIGTERM          `/health/ready` answers 503 and every answer ends its connection. After a delay, in
                 which load balancers leave, no more connections are taken; whoever is connected by
                 then, and what was asked for, is answered.
SIGUSR1          The same at once, without telling: another server listens on the same socket.
SIGUSR2          A second master starts on the same socket, where nobody else holds that.
SIGINT, SIGQUIT  Nothing is waited for.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from gunicorn.arbiter import Arbiter as BaseArbiter
from gunicorn.systemd import sd_notify

from userapi.cli.newcomers import is_held_by, refuse_newcomers
from userapi.config.inherited import telling_nobody
from userapi.web.worker import ENDING

if TYPE_CHECKING:
    from datetime import timedelta

    from gunicorn.app.base import BaseApplication

    from userapi.kit.shared_flag import Stopping

_AT_ONCE = (signal.SIGINT, signal.SIGQUIT)
_SOON = (signal.SIGTERM, signal.SIGUSR1)
_LOOK_SECONDS = 1
_HANDSHAKE_SECONDS = 0.2
"""How long it takes until whoever has begun to connect is connected."""


class Arbiter(BaseArbiter):  # type: ignore[misc] # the library is untyped
    """A master for processes with `userapi.web.worker`."""

    _num_workers: int
    systemd: bool
    reexec_pid: int
    master_pid: int

    def __init__(self, server: BaseApplication, *, stopping: Stopping, delay: timedelta) -> None:
        self._stopping = stopping
        self._delay = delay.total_seconds()
        self._leaving: set[int] = set()
        self._has_told = False
        super().__init__(server)

    def start(self) -> None:
        """Listen; that it serves is told once all processes do."""
        with telling_nobody():
            super().start()

    def handle_term(self) -> None:
        """Tell that the end is near, go on for the delay, then stop."""
        self._stopping.set()
        end = time.monotonic() + self._delay
        while (seconds := end - time.monotonic()) > 0:
            received = set(self.wait_for_signals(min(seconds, _LOOK_SECONDS)))
            if received.intersection(_AT_ONCE):
                self.handle_quit()
            if received.intersection(_SOON):
                break
            self.reap_workers()
            self.murder_workers()
            self.manage_workers()
        if self._ends_with_socket() and all(map(refuse_newcomers, self.LISTENERS)):
            time.sleep(_HANDSHAKE_SECONDS)
        raise StopIteration

    def handle_usr1(self) -> None:
        """Stop, and leave what comes to whoever else listens on the socket."""
        raise StopIteration

    def handle_usr2(self) -> None:
        """Start a second master; it could not have a socket that another process holds."""
        if self.systemd:
            self.log.error(
                "SIGUSR2 is refused: another process holds the socket, and has to replace the "
                "server (systemctl restart, or SIGHUP at the supervisor)"
            )
        else:
            super().handle_usr2()

    def spawn_worker(self) -> int:
        """Start a process; a signal that comes before it can hear one waits there until it can."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            pid: int = super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pid

    def _ends_with_socket(self) -> bool:
        """Say whether nobody else has the socket: neither who started this, nor another master."""
        if self.systemd:
            return not any(is_held_by(os.getppid(), listener) for listener in self.LISTENERS)
        return not self.reexec_pid and not self.master_pid

    def are_all_serving(self) -> bool:
        """Say whether each process serves: one alone could not do what the server before did."""
        serving = [worker for worker in self.WORKERS.values() if worker.is_serving]
        return len(serving) >= self._num_workers

    def manage_workers(self) -> None:
        """Have as many processes as there should be, beside those that are leaving."""
        self._leaving &= self.WORKERS.keys()
        if not self._has_told and self.are_all_serving():
            self._has_told = True
            sd_notify("READY=1", self.log)
        wanted = self._num_workers
        self._num_workers = wanted + len(self._leaving)
        try:
            super().manage_workers()
        finally:
            self._num_workers = wanted
        for pid, worker in list(self.WORKERS.items()):
            if worker.is_spent and pid not in self._leaving:
                # The new one takes connections before the other one stops to.
                self._leaving.add(pid)
                self.spawn_worker()
                self.kill_worker(pid, signal.SIGTERM)
