import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from benchmarks.faults.proxy import FaultProxy, Mood, fault_proxy

pytestmark = pytest.mark.any_database


@pytest.fixture
def echo() -> Iterator[int]:
    """A port that says again what it is told."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    while piece := client.recv(100):
                        client.sendall(piece)

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture
def proxy(echo: int) -> Iterator[FaultProxy]:
    with fault_proxy(echo) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        yield client


def said_again(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    return client.recv(100)


def test_it_passes_on_what_is_sent(client: socket.socket) -> None:
    assert said_again(client, b"hello") == b"hello"


def test_a_connection_that_is_silent_is_open_and_goes_on(
    proxy: FaultProxy, client: socket.socket
) -> None:
    said_again(client, b"hello")
    proxy.mood = Mood.SILENT
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        said_again(client, b"is anybody there")

    proxy.mood = Mood.PASSING
    client.settimeout(5)

    assert client.recv(100) == b"is anybody there"


def test_connections_are_reset(proxy: FaultProxy, client: socket.socket) -> None:
    said_again(client, b"hello")
    proxy.mood = Mood.CUTTING

    with pytest.raises(ConnectionError):
        [said_again(client, b"hello") for _ in range(10)]
