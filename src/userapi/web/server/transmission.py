"""How an answer goes out: as its reader takes it, within a time.

Where a connection ends with an answer, what its client still sends is read for a while, and
dropped. A system that closes while bytes come in tells their sender that the connection is broken,
and the answer is lost with it (RFC 9112, section 9.6).
"""

import contextlib
import socket
import time

from userapi.web.server.connection import Connection, Stage, send_now

DRAINED_BYTES = 32 * 1024 * 1024
DRAINED_SECONDS = 10
SILENT_SECONDS = 2
"""How much of what follows a refusal is read, how long in all, and how long while nothing comes."""

_PIECE = 256 * 1024


def send_rest(connection: Connection) -> bool:
    """Send what can be sent; say whether that was all. Raises `OSError`."""
    connection.unsent = send_now(connection.sock, connection.unsent)
    return not connection.unsent


def begin_to_drain(connection: Connection) -> None:
    """Tell the client that this was the last answer, and begin to read on."""
    connection.received = bytearray()
    connection.drained = 0
    connection.enter(Stage.DRAINING, SILENT_SECONDS)
    with contextlib.suppress(OSError):
        connection.sock.shutdown(socket.SHUT_WR)


def drain(connection: Connection) -> bool:
    """Read on; say whether the connection is to be closed."""
    try:
        count = len(connection.sock.recv(_PIECE))
    except BlockingIOError:
        return False
    except OSError:
        return True
    connection.drained += count
    end = connection.since + DRAINED_SECONDS
    connection.deadline = min(end, time.monotonic() + SILENT_SECONDS)
    return not count or connection.drained > DRAINED_BYTES
