"""The last moments of a socket that clients connect to.

A connection that comes between the last look into the socket and its closing is lost, although the
client has been let in and may have sent a request.
"""

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path

_SO_ATTACH_FILTER = 26
"""The option's number on Linux, which Python does not name; see `socket(7)`."""

_INSTRUCTION = "HBBI"
_NO_SYN = b"".join(
    struct.pack(_INSTRUCTION, *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags, byte 13 of TCP's header
        (0x45, 0, 1, 0x02),  # without SYN: leave out the next instruction
        (0x06, 0, 0, 0),  # drop the packet
        (0x06, 0, 0, 0xFFFFFFFF),  # take it
    )
)
"""A program of the classic BPF: drops what begins a connection, and takes all else."""


def refuse_newcomers(listener: socket.socket) -> bool:
    """Have nobody else begin to connect, for as long as the socket is open; say whether it is so.

    Who has begun can go on, and who has connected waits to be accepted. Those who come now try
    again within a second or so, and are refused once the socket is closed. All processes that have
    the socket share this.
    """
    if sys.platform != "linux":
        return False
    program = ctypes.create_string_buffer(_NO_SYN)
    count = len(_NO_SYN) // struct.calcsize(_INSTRUCTION)
    option = struct.pack("HP", count, ctypes.addressof(program))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
    except OSError:
        return False
    return True


def is_held_by(process: int, listener: socket.socket) -> bool:
    """Say whether another process has the socket, too: one that cannot be looked at may have it."""
    own = os.fstat(listener.fileno())
    try:
        return any(
            os.path.samestat(file.stat(), own) for file in Path(f"/proc/{process}/fd").iterdir()
        )
    except OSError:
        return True
