"""The parts of a file as one stream: each is fetched when it is its turn, and let go afterwards."""

from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import Any, cast


class _Parts(RawIOBase):
    def __init__(self, fetch: Callable[[int], bytes | None]) -> None:
        self._fetch = fetch
        self._number = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            self._number += 1
            part = self._fetch(self._number)
            if part is None:
                return 0
            self._rest = memoryview(part)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def stream_of(fetch: Callable[[int], bytes | None]) -> BufferedReader:
    """Return the parts that `fetch` returns by their numbers from 1, until it returns None."""
    return BufferedReader(cast("Any", _Parts(fetch)))
