"""The port for metrics, when some connect who do not ask."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event, Semaphore, Thread

import httpx
import pytest

from support.processes import client_of
from userapi.metrics.listener import AT_ONCE, PATH, MetricsServer, serve_in_turn

pytestmark = pytest.mark.any_database

SECONDS = 30


@contextmanager
def answering(text: Callable[[], bytes]) -> Iterator[int]:
    """Answer on a port while the block runs; yield it."""
    stop = Event()
    server = MetricsServer(("127.0.0.1", 0), text, content_type="text/plain", token="")
    thread = Thread(target=serve_in_turn, args=(lambda: server, stop))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        stop.set()
        thread.join(SECONDS)


def scrape(port: int) -> str:
    with client_of(f"http://127.0.0.1:{port}") as client:
        return client.get(PATH).text


def test_who_connects_and_asks_nothing_keeps_nobody_out() -> None:
    with answering(lambda: b"metrics") as port, ExitStack() as stack:
        for _ in range(2 * AT_ONCE):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", port), SECONDS))
            idle.sendall(b"GET /metrics HTTP/1.1\r\n")

        found = [scrape(port) for _ in range(2)]

    assert found == ["metrics"] * 2


def test_who_has_asked_is_not_hung_up_on_for_a_newcomer() -> None:
    asked, go_on = Semaphore(0), Event()

    def text() -> bytes:
        asked.release()
        go_on.wait(SECONDS)
        return b"metrics"

    with answering(text) as port, ThreadPoolExecutor(AT_ONCE) as threads:
        found = [threads.submit(scrape, port) for _ in range(AT_ONCE)]
        for _ in found:
            assert asked.acquire(timeout=SECONDS)
        with pytest.raises(httpx.TransportError):
            scrape(port)
        go_on.set()

        assert [each.result() for each in found] == ["metrics"] * AT_ONCE
