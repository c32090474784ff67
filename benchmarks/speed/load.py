"""A load generator: so many connections, each asking again as soon as it was answered.

It is a closed loop: a slower service is asked less often, so that times are those of a service
that is busy and not of one that is drowned. Requests are bytes made beforehand, and of answers no
more is read than the status and the length, so that the generator is not what is measured.
"""

import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_RECEIVED = 1 << 18
_DRAIN_SECONDS = 15.0
_NO_BODY = (b"204", b"304")


class NoAnswer(Exception):
    """What came is not an answer whose end can be told."""


@dataclass(frozen=True)
class Load:
    """What is asked: where, by how many connections, and what is told the right answers."""

    address: tuple[str, int]
    requests: Iterator[bytes]
    connections: int
    tell: Callable[[bytes], object] | None = None


@dataclass
class Answers:
    """What came in a slice of time: the times of right answers, and how often there was none."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """How many requests were not answered as they should have been."""
        return sum(self.refusals.values())

    def refuse(self, what: str) -> None:
        """Count an answer that is none of those wanted."""
        self.refusals[what] = self.refusals.get(what, 0) + 1


def end_of_answer(received: bytes) -> int | None:
    """Return how many bytes the whole answer has, or nothing while its head is incomplete."""
    head_end = received.find(_HEAD_END)
    if head_end < 0:
        return None
    begin = head_end + len(_HEAD_END)
    head = received[: head_end + 2].lower()
    at = head.find(_LENGTH)
    if at < 0:
        if head[9:12] in _NO_BODY:
            return begin
        raise NoAnswer(head[:80].decode("latin-1"))
    start = at + len(_LENGTH)
    return begin + int(head[start : head.index(b"\r\n", start)])


class _Connection:
    """A connection with at most one request under way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.socket = self._open()
        self.began = 0.0
        self._received = b""

    def ask(self, request: bytes) -> None:
        self._received = b""
        self.began = time.perf_counter()
        try:
            self.socket.sendall(request)
        except OSError:
            # It was closed while nothing was asked.
            self.reopen()
            self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """Return the whole answer, or nothing while there is more to come."""
        part = self.socket.recv(_RECEIVED)
        if not part:
            message = "closed"
            raise NoAnswer(message)
        self._received = self._received + part if self._received else part
        end = end_of_answer(self._received)
        return self._received if end is not None and len(self._received) >= end else None

    def reopen(self) -> None:
        self.socket.close()
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(self._address, timeout=_DRAIN_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


class Generator:
    """Keeps the connections of a load busy for a slice of time, and waits for what is under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._poll = select.epoll()
        self._open: dict[int, _Connection] = {}
        self._busy: set[int] = set()
        self._answers = Answers()

    def run(self, seconds: float) -> Answers:
        """Ask for so long; nobody is waited for longer than 15 seconds more."""
        began = time.perf_counter()
        end = began + seconds
        try:
            for _ in range(self._load.connections):
                self._ask(self._watched(_Connection(self._load.address)))
            while self._busy and (now := time.perf_counter()) < end + _DRAIN_SECONDS:
                for number, _ in self._poll.poll(max(0.0, end + _DRAIN_SECONDS - now)):
                    self._hear(number, is_over=time.perf_counter() >= end)
        except OSError as error:
            self._answers.refuse(type(error).__name__)
        finally:
            self._close()
        self._answers.seconds = time.perf_counter() - began
        for _ in self._busy:
            self._answers.refuse("no answer in time")
        return self._answers

    def _hear(self, number: int, *, is_over: bool) -> None:
        connection = self._open[number]
        try:
            answer = connection.answer()
        except (OSError, NoAnswer, ValueError) as error:
            self._answers.refuse(str(error)[:40] or type(error).__name__)
            self._busy.discard(number)
            self._open.pop(number)
            connection.reopen()
            connection = self._watched(connection)
        else:
            if answer is None:
                return
            self._busy.discard(number)
            self._take(answer, time.perf_counter() - connection.began)
        if not is_over:
            self._ask(connection)

    def _take(self, answer: bytes, seconds: float) -> None:
        if answer[9:10] != b"2":
            self._answers.refuse(answer[9:12].decode("latin-1"))
            return
        self._answers.times.append(seconds)
        if self._load.tell is not None:
            self._load.tell(answer[answer.index(_HEAD_END) + len(_HEAD_END) :])

    def _ask(self, connection: _Connection) -> None:
        request = next(self._load.requests, None)
        if request is not None:
            before = connection.socket.fileno()
            connection.ask(request)
            if connection.socket.fileno() != before:
                self._open.pop(before, None)
            self._watched(connection)
            self._busy.add(connection.socket.fileno())

    def _watched(self, connection: _Connection) -> _Connection:
        number = connection.socket.fileno()
        if self._open.get(number) is not connection:
            self._open[number] = connection
            self._poll.register(number, select.EPOLLIN)
        return connection

    def _close(self) -> None:
        for connection in self._open.values():
            connection.socket.close()
        self._poll.close()


def ask(load: Load, seconds: float) -> Answers:
    """Put the load on its service for so many seconds."""
    return Generator(load).run(seconds)
