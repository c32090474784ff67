"""Who has a socket, and who may still connect to it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from userapi.cli.newcomers import is_held_by, refuse_newcomers

pytestmark = pytest.mark.any_database

MOMENT = 0.3
NOBODY = 0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_who_is_connected_is_accepted_and_nobody_else_connects(listener: socket.socket) -> None:
    address = listener.getsockname()
    with socket.create_connection(address) as client:
        client.sendall(b"before ")
        refuse_newcomers(listener)
        with pytest.raises(TimeoutError):
            socket.create_connection(address, MOMENT)

        server, _ = listener.accept()
        with server:
            client.sendall(b"and after")
            client.shutdown(socket.SHUT_WR)
            assert b"".join(iter(lambda: server.recv(100), b"")) == b"before and after"


def test_a_socket_that_cannot_do_so_is_left_as_it_is() -> None:
    listener = socket.socket()
    listener.close()

    assert not refuse_newcomers(listener)


def test_who_has_a_socket(listener: socket.socket) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert is_held_by(os.getpid(), listener)
        assert not is_held_by(other.pid, listener)


def test_who_cannot_be_asked_may_have_it(listener: socket.socket) -> None:
    assert is_held_by(NOBODY, listener)
