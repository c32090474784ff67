"""A client's connection, and what it is doing at the moment."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from userapi.kit.uploads import UploadLimits
    from userapi.web.server.bodies import Body

_MAPPED = bytes(10) + b"\xff\xff"  # before an address of IPv4 in one of IPv6
_RESET = struct.pack("ii", 1, 0)


class Stage(Enum):
    """What happens on a connection; only in `ANSWERING` it belongs to a thread."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()
    SENDING = auto()
    DRAINING = auto()
    CLOSED = auto()


class Connection:
    """A client's connection; `deadline` (monotonic) is when its stage has to be over.

    `received` is what has come and was not used yet, `unsent` what has to go. It `keeps` when it
    may be used again after that, and has `ended` when the client will send no more. It is `paused`
    when the client has sent something while its request was being answered. An `upload` has limits
    of its own, and its body is received once it `is_admitted`.
    """

    __slots__ = (
        "body",
        "client",
        "counted",
        "deadline",
        "drained",
        "ended",
        "head_length",
        "is_admitted",
        "keeps",
        "network",
        "paused",
        "received",
        "request",
        "requests",
        "searched",
        "server",
        "since",
        "sock",
        "stage",
        "unsent",
        "upload",
        "watched",
    )

    def __init__(self, sock: socket.socket, client: Any, server: Any) -> None:
        self.sock = sock
        self.client = client
        self.server = server
        self.network = network_of(client)
        self.stage = Stage.IDLE
        self.since = self.deadline = time.monotonic()
        self.received = bytearray()
        self.searched = 0
        self.requests = 0
        self.request: Any = None
        self.head_length = 0
        self.body: Body | None = None
        self.upload: UploadLimits | None = None
        self.is_admitted = False
        self.unsent: list[memoryview] = []
        self.keeps = True
        self.ended = False
        self.paused = False
        self.drained = 0
        self.watched = 0
        self.counted = 0

    def enter(self, stage: Stage, seconds: float) -> None:
        """Begin a stage that has to be over after so many seconds."""
        self.since = time.monotonic()
        self.deadline = self.since + seconds
        # Last: from here on another thread may go on.
        self.stage = stage

    @property
    def held(self) -> int:
        """How many bytes are kept in memory for this client."""
        body = 0 if self.body is None else self.body.held
        return self.head_length + len(self.received) + body + sum(map(len, self.unsent))

    @property
    def awaits_admission(self) -> bool:
        """Whether the head of an upload is still to be admitted, before its body is received."""
        return self.upload is not None and not self.is_admitted

    def clear_request(self) -> None:
        """Keep nothing of a request that was answered."""
        self.drop_body()
        self.request = self.upload = None
        self.is_admitted = False
        self.head_length = 0

    def drop_body(self) -> None:
        """Keep nothing of a body."""
        if self.body is not None:
            self.body.content.close()
        self.body = None

    def close(self, *, at_once: bool = False) -> None:
        """Close the connection; `at_once` also forgets what the system still has to send."""
        self.stage = Stage.CLOSED
        self.unsent = []
        self.clear_request()
        self.received = bytearray()
        with contextlib.suppress(OSError):
            if at_once:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.sock.close()


def network_of(client: Any) -> str:
    """Return whose a connection is: the address of IPv4, the first 64 bits of one of IPv6."""
    address = str(client[0]) if isinstance(client, tuple) else ""
    if ":" not in address:
        return address
    packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[len(_MAPPED) :])
    return packed[:8].hex()


def send_now(sock: socket.socket, pieces: Iterable[memoryview]) -> list[memoryview]:
    """Send what the system takes without waiting; return the rest. Raises `OSError`."""
    rest = list(pieces)
    while rest:
        try:
            sent = sock.send(rest[0])
        except BlockingIOError:
            break
        if sent < len(rest[0]):
            rest[0] = rest[0][sent:]
        else:
            del rest[0]
    return rest
