"""gunicorn's worker of ours: no client, however slow, keeps a thread.

One thread talks with the clients (`server.poller`): it accepts connections, reads requests until
they are complete and sends answers as they are taken, without waiting for anybody and until
deadlines. The other threads only have complete requests answered by the application.
"""

import contextlib
import errno
import math
import os
import resource
import signal
import socket
import time
from functools import partial
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker as BaseWorker

from userapi.kit.metrics import Recorder
from userapi.kit.shared_flag import STOPPING, SharedFlag, Stopping
from userapi.web.server.crowd import Crowd
from userapi.web.server.poller import Poller
from userapi.web.server.reception import Reception
from userapi.web.server.settings import FixedSettings
from userapi.web.server.spools import UPLOADS_AT_ONCE, Spools
from userapi.web.uploads import UPLOADS

HELD_BYTES = 32 * 1024 * 1024
"""How much a process keeps of requests and answers under way, beside one of the largest bodies.

Half of that is the most that one network has, beside one of the largest bodies.
"""

STOPPING_SECONDS = 2
"""How long a process that is being stopped waits for what has not arrived."""

SPENT_SECONDS = 10
"""How long a process that has answered its share of requests serves on until it is replaced."""

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""The signals that end a process: held back by who makes it, until it hears them."""

_ACCEPTED_AT_ONCE = 64
_ACCEPTED_AT_LAST = 4096
_SWEEP_SECONDS = 0.25
_IDLE_SECONDS = 1
_SPARE_FILES = 100
_SEND_BUFFER = 64 * 1024
_NOTHING_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# Whatever else fails at the door does so for one client, but for these: there is no door.
_NO_LISTENER = (errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK)


class Worker(BaseWorker):  # type: ignore[misc] # the library is untyped
    """A worker with threads; `--worker-class=userapi.web.worker.Worker` selects it."""

    alive: bool
    cfg: Any
    recorder: Recorder | None = None
    """Records the metrics, where somebody wants them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._serving, self._spent = SharedFlag(), SharedFlag()
        self._spent_since = math.inf

    @property
    def is_serving(self) -> bool:
        """Whether it has begun to; the master may ask, too, and is woken then."""
        return self._serving.is_set

    @property
    def is_spent(self) -> bool:
        """Whether it has answered as many requests as it should; the master may ask, too."""
        return self._spent.is_set

    @property
    def is_leaving(self) -> bool:
        """Whether this process or the whole server is about to stop: no connection is kept."""
        stopping: Stopping = self.wsgi.config[STOPPING]
        return not self.alive or stopping.is_set

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:  # noqa: ARG003 - gunicorn hands it over
        """Refuse what this worker cannot do."""
        if cfg.is_ssl:
            message = "this worker speaks no TLS: leave that to a proxy in front of it"
            raise RuntimeError(message)

    def init_signals(self) -> None:
        """Hear what was said meanwhile, too."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def run(self) -> None:
        """Serve until told to stop, then finish what has been begun."""
        self.cfg = FixedSettings(self.cfg)
        poller = self._poller()
        # Signals interrupt the wait by writing into it.
        poller.watch(self.PIPE[0], self._clear_signals)
        for listener in self.sockets:
            listener.setblocking(False)
            _set_options(listener, self.wsgi.config["RESPONSE_TIMEOUT"].total_seconds())
            accept = partial(self._accept, poller, listener, listener.getsockname())
            poller.watch(listener, accept)
        self._serving.set()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.ppid, signal.SIGCHLD)
        while self.alive and self.ppid == os.getppid():
            self._turn(poller)
            if time.monotonic() - self._spent_since > SPENT_SECONDS:
                break
        # Also where the master is gone: connections end with their answers.
        self.alive = False
        for listener in self.sockets:
            poller.unwatch(listener)
            # Whoever waits there would be reset when it is closed.
            self._accept(poller, listener, listener.getsockname(), limit=_ACCEPTED_AT_LAST)
            listener.close()
        end = time.monotonic() + self.cfg.graceful_timeout
        poller.hurry(STOPPING_SECONDS)
        while poller.crowd and time.monotonic() < end:
            self._turn(poller)

    def count_request(self) -> None:
        """Count a request; the process is replaced after as many as gunicorn's settings say."""
        self.nr += 1
        if self.nr >= self.max_requests and not self.is_spent:
            self.log.info("The process has answered %s requests and is to be replaced", self.nr)
            self._spent_since = time.monotonic()
            self._spent.set()

    def _poller(self) -> Poller:
        config = self.wsgi.config
        body_limit = config["MAX_CONTENT_LENGTH"]
        reception = Reception(
            cfg=self.cfg,
            body_limit=body_limit,
            head_seconds=config["HEAD_TIMEOUT"].total_seconds(),
            body_seconds=config["BODY_TIMEOUT"].total_seconds(),
            uploads=config.get(UPLOADS, {}),
            spools=Spools(UPLOADS_AT_ONCE),
        )
        limit = min(self.cfg.worker_connections, _open_files() - _SPARE_FILES)
        largest = body_limit or 0
        crowd = Crowd(
            limit=limit,
            byte_limit=HELD_BYTES + largest,
            network_byte_limit=HELD_BYTES // 2 + largest,
        )
        return Poller(self, reception, crowd)

    def _turn(self, poller: Poller) -> None:
        """Serve for a moment, then look for what has taken too long."""
        self.notify()
        end = time.monotonic() + (_SWEEP_SECONDS if poller.crowd else _IDLE_SECONDS)
        seconds = end - time.monotonic()
        while seconds > 0:
            poller.poll(seconds)
            seconds = end - time.monotonic() if self.alive else 0
        poller.sweep()
        if self.recorder is not None:
            self.recorder.record_load(
                connections=len(poller.crowd), waiting=poller.dispatcher.waiting
            )

    def _accept(
        self,
        poller: Poller,
        listener: socket.socket,
        server: Any,
        *,
        limit: int = _ACCEPTED_AT_ONCE,
    ) -> None:
        for _ in range(limit):
            try:
                sock, client = listener.accept()
            except OSError as error:
                if error.errno in _NOTHING_LEFT:
                    poller.make_way()
                elif error.errno in _NO_LISTENER:
                    raise
                return
            poller.welcome(sock, client, server)

    def _clear_signals(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)


def _open_files() -> int:
    """Have the system allow as many open files as it does, and return their number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 65_536)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _set_options(listener: socket.socket, seconds: float) -> None:
    """Bound what the system keeps for a client that does not read, and how long it does."""
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(1000 * seconds)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
