"""The bodies of requests, taken from what has arrived, however small its pieces are.

What was looked at once is not looked at again, so a body that comes byte by byte costs as many
steps as it has bytes. What a chunked body needs beside its content is limited, too.
"""

import re
from io import BytesIO
from typing import Any, Protocol

from gunicorn.http.body import CHUNK_EXT_RE, ChunkedReader
from gunicorn.http.errors import (
    ChunkMissingTerminator,
    InvalidChunkExtension,
    InvalidChunkSize,
    LimitRequestHeaders,
)

from userapi.web.errors import BodyTooLarge
from userapi.web.server.spools import Spool

CHUNK_LINE_BYTES = 1024
TRAILER_BYTES = 8190
FREE_OVERHEAD_BYTES = 16 * 1024
"""What sizes of chunks and trailers may take; beyond it they may take as much as the content."""

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_END = b"\r\n"


class Body(Protocol):
    """A request's body."""

    content: BytesIO | Spool
    length: int

    @property
    def held(self) -> int:
        """How many bytes of it are kept in memory."""
        ...

    def take(self, received: bytearray) -> bool:
        """Move what belongs to the body out of `received`; say whether it is complete."""
        ...


class _Kept:
    """Where a body is kept: in memory, unless it is given a file before anything has come."""

    def __init__(self) -> None:
        self.content: BytesIO | Spool = BytesIO()
        self.length = 0

    @property
    def held(self) -> int:
        """How many bytes of it are kept in memory."""
        return self.length if isinstance(self.content, BytesIO) else 0


def body_of(request: Any, limit: int | None) -> Body:
    """Return the body that a request's head announces.

    Raises `BodyTooLarge` when that is more than `limit` bytes.
    """
    reader = request.body.reader
    if isinstance(reader, ChunkedReader):
        return ChunkedBody(request, limit)
    if limit is not None and reader.length > limit:
        raise BodyTooLarge
    return DeclaredBody(reader.length)


class DeclaredBody(_Kept):
    """A body whose length was declared."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._declared = length

    def take(self, received: bytearray) -> bool:
        """Move what belongs to the body out of `received`; say whether it is complete."""
        self.length += _move(received, self.content, self._declared - self.length)
        return self.length == self._declared


class ChunkedBody(_Kept):
    """A body in chunks (RFC 9112, section 7.1); its trailers are checked and dropped."""

    def __init__(self, request: Any, limit: int | None) -> None:
        super().__init__()
        self._request = request
        self._limit = limit
        self._missing = 0
        self._overhead = 0
        self._searched = 0
        self._step = self._take_size

    def take(self, received: bytearray) -> bool:
        """Move what belongs to the body out of `received`; say whether it is complete.

        Raises `BodyTooLarge`, or gunicorn's errors for what are no chunks.
        """
        while self._step(received):
            if self._overhead > FREE_OVERHEAD_BYTES + self.length:
                message = b"more overhead than content"
                raise InvalidChunkSize(message)
            if self._step == self._take_nothing:
                return True
        return False

    def _take_size(self, received: bytearray) -> bool:
        line = self._line(received, CHUNK_LINE_BYTES)
        if line is None:
            return False
        size = _SIZE.match(line)
        if size is None or line[size.end() : size.end() + 1] not in (b"", b";", b" ", b"\t"):
            raise InvalidChunkSize(line)
        extension = line[size.end() :]
        if extension and (b";" not in extension or not CHUNK_EXT_RE.fullmatch(extension)):
            message = "invalid chunk extension"
            raise InvalidChunkExtension(message)
        self._missing = int(size[0], 16)
        if self._limit is not None and self.length + self._missing > self._limit:
            raise BodyTooLarge
        self._step = self._take_content if self._missing else self._take_trailers
        return True

    def _take_content(self, received: bytearray) -> bool:
        moved = _move(received, self.content, self._missing)
        self.length += moved
        self._missing -= moved
        if self._missing:
            return False
        self._step = self._take_end_of_chunk
        return True

    def _take_end_of_chunk(self, received: bytearray) -> bool:
        end = bytes(received[:2])
        if not _END.startswith(end):
            raise ChunkMissingTerminator(end)
        if len(end) < len(_END):
            return False
        self._drop(received, len(_END))
        self._step = self._take_size
        return True

    def _take_trailers(self, received: bytearray) -> bool:
        if received.startswith(_END):
            self._drop(received, len(_END))
        else:
            end = received.find(_END * 2, max(0, self._searched - 3))
            self._searched = len(received)
            if (len(received) if end < 0 else end) > TRAILER_BYTES:
                message = "limit request trailer section size"
                raise LimitRequestHeaders(message)
            if end < 0:
                return False
            self._request.parse_headers(bytes(received[:end]), from_trailer=True)
            self._drop(received, end + 2 * len(_END))
        self._step = self._take_nothing
        return True

    def _take_nothing(self, received: bytearray) -> bool:
        return False

    def _line(self, received: bytearray, limit: int) -> bytes | None:
        end = received.find(_END, max(0, self._searched - 1), limit + len(_END))
        if end < 0:
            if len(received) > limit:
                raise InvalidChunkSize(bytes(received[:limit]))
            self._searched = len(received)
            return None
        line = bytes(received[:end])
        self._drop(received, end + len(_END))
        return line

    def _drop(self, received: bytearray, count: int) -> None:
        del received[:count]
        self._overhead += count
        self._searched = 0


def _move(received: bytearray, content: BytesIO | Spool, limit: int) -> int:
    """Move at most `limit` bytes; return how many it were."""
    piece = received[:limit]
    del received[: len(piece)]
    return content.write(piece)
