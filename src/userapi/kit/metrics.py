"""The port of those who record how the service is doing; `userapi.metrics` implements it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class QueueLoad(NamedTuple):
    """A bounded queue at the moment, and how many it has refused so far."""

    running: int
    waiting: int
    refused: int


class PoolLoad(NamedTuple):
    """A pool of connections at the moment, and how often somebody had to wait for one so far."""

    in_use: int
    kept: int
    overflow: int
    limit: int
    waits: int


class Recorder(Protocol):
    """Records what a process of the server does; nothing of it names a person."""

    def record_answer(self, environ: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count an answer; the time is the server's, its queue included."""
        ...

    def record_load(self, *, connections: int, waiting: int) -> None:
        """Note how many clients are connected, and how many requests no thread has begun."""
        ...
