"""Files in which bodies are kept that are too large for memory.

They have no names: whatever becomes of the connection or of the process, the system takes back
their room.
"""

import logging
from tempfile import TemporaryFile
from typing import Any

from userapi.web.errors import UploadUnavailable

UPLOADS_AT_ONCE = 2
"""How many files a process receives at a time: so often their limit is taken of the disk."""

_log = logging.getLogger(__name__)


class Spool:
    """A file that fails like an operation, not like a connection, where there is no room for it."""

    def __init__(self) -> None:
        try:
            # Unbuffered: what fails to be written fails here, and not when it is read.
            self.file: Any = TemporaryFile(buffering=0)  # noqa: SIM115 - it is closed with its body
        except OSError as error:
            raise _no_room(error) from error

    def write(self, piece: bytearray) -> int:
        """Write a piece; raise `UploadUnavailable` where it does not fit."""
        try:
            written = int(self.file.write(piece))
        except OSError as error:
            raise _no_room(error) from error
        if written < len(piece):
            raise UploadUnavailable
        return written

    def close(self) -> None:
        """Close the file, which is then gone."""
        self.file.close()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return bool(self.file.closed)


class Spools:
    """The files of a process: `limit` of them at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[Spool] = []

    def open(self) -> Spool:
        """Return a new file; raise `UploadUnavailable` where there are as many as may be."""
        self._open = [spool for spool in self._open if not spool.closed]
        if len(self._open) >= self._limit:
            raise UploadUnavailable
        spool = Spool()
        self._open.append(spool)
        return spool


def _no_room(error: OSError) -> UploadUnavailable:
    """Return what is answered; why it is so is for the operator."""
    _log.error("an upload cannot be kept where TMPDIR is: %s", error.strerror)
    return UploadUnavailable()
