"""A proxy of TCP that can fail as networks do: slowly, silently, or at once."""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum, auto

_CHUNK = 65_536
_LOOK = 0.05
_AT_ONCE = struct.pack("ii", 1, 0)


class Mood(Enum):
    """What becomes of what is sent."""

    PASSING = auto()
    SLOW = auto()
    """Everything is late by `delay`."""
    SILENT = auto()
    """Connections are taken and stay open, and nothing comes through."""
    CUTTING = auto()
    """Every connection is reset, new ones too."""


class FaultProxy:
    """Stands before a port on loopback; `mood` can be changed at any time."""

    def __init__(self, target: int) -> None:
        self.mood = Mood.PASSING
        self.delay = 0.2
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Start to take connections."""
        self._listener.settimeout(_LOOK)
        self._run(self._accept)

    def end(self) -> None:
        """Give up all connections."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _run(self, what: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                self._run(self._pass_on, client)

    def _pass_on(self, client: socket.socket) -> None:
        """Carry bytes both ways until somebody ends it."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(client)
            if self.mood is Mood.CUTTING:
                _reset(client)
                return
            with contextlib.suppress(OSError):
                server = socket.create_connection(("127.0.0.1", self._target))
                stack.enter_context(server)
                self._carry({client: server, server: client})

    def _carry(self, other: dict[socket.socket, socket.socket]) -> None:
        while not self._is_over.is_set():
            if self.mood is Mood.CUTTING:
                for each in other:
                    _reset(each)
                return
            if self.mood is Mood.SILENT:
                self._is_over.wait(_LOOK)
                continue
            for ready in select.select(list(other), [], [], _LOOK)[0]:
                piece = ready.recv(_CHUNK)
                if self.mood is Mood.SLOW:
                    time.sleep(self.delay)
                if not piece:
                    return
                other[ready].sendall(piece)


def _reset(connection: socket.socket) -> None:
    """Close a connection so that the other side is told that it failed."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        connection.close()


@contextlib.contextmanager
def fault_proxy(target: int) -> Iterator[FaultProxy]:
    """Run a proxy before that port until the block ends."""
    proxy = FaultProxy(target)
    proxy.begin()
    try:
        yield proxy
    finally:
        proxy.end()
