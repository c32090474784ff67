import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.cluster.crowd import Spreader, Wide, standstill
from benchmarks.cluster.reading import Reader
from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.journeys import World
from benchmarks.faults.ledger import Ledger

from support.paths import LOGOUT
from support.processes import free_port, wait_until

pytestmark = pytest.mark.any_database

READING = Request("read", "GET", "/")


def answer(at: float, operation: str = "post", status: int | None = 201) -> Answer:
    return Answer(operation, at, 0.5, status)


def test_a_standstill_is_the_longest_time_between_two_changes() -> None:
    made = [answer(10), answer(11), answer(17), answer(18)]

    assert standstill(made, 10, 19) == 6


def test_what_is_refused_or_changes_nothing_is_no_change() -> None:
    answers = [answer(10), answer(12, status=503), answer(13, status=None), answer(14, "read", 200)]

    assert standstill(answers, 10, 20) == 9.5


def test_a_standstill_that_does_not_end_is_one() -> None:
    assert standstill([], 10, 25) == 15


@contextlib.contextmanager
def server(said: bytes) -> Iterator[str]:
    """Say the same to everybody who asks, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            # Until nobody listens any more, or whoever asks has gone.
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(1 << 16)
                        client.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def well(body: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"{head}{body}".encode()


def test_servers_are_asked_in_turn() -> None:
    with server(well()) as one, server(well()) as two:
        kept = {one: Answers(), two: Answers()}
        asker = Spreader(kept, everything := Answers())
        for _ in range(4):
            asker.ask(READING)
        asker.close()

    assert [len(each.all()) for each in kept.values()] == [2, 2]
    assert len(everything.all()) == 4


def test_who_is_refused_by_a_server_asks_the_other_one() -> None:
    away = f"http://127.0.0.1:{free_port()}"
    with server(well()) as one:
        kept = {away: Answers(), one: Answers()}
        asker = Spreader(kept, everything := Answers())
        answers = [asker.ask(READING) for _ in range(2)]
        asker.close()

    assert [each.status for each in answers] == [200, 200]
    assert [each.status for each in everything.all()] == [200, 200]


def test_what_a_server_may_have_done_is_not_asked_of_the_other() -> None:
    with server(b"") as one, server(well()) as two:
        asker = Spreader({one: Answers(), two: Answers()}, Answers())
        first = asker.ask(READING)
        asker.close()

    assert first.status is None


def test_who_comes_next_begins_with_another_server(tmp_path: Path) -> None:
    with server(well()) as one, server(well()) as two:
        kept = {one: Answers(), two: Answers()}
        world = Wide(one, Ledger(tmp_path / "ledger"), Answers(), servers=kept)
        for _ in range(2):
            asker = world.asker()
            asker.ask(READING)
            asker.close()

    assert [len(each.all()) for each in kept.values()] == [1, 1]


class Forgetful(Asker):
    """Says yes to everything, lists nothing, and knows nobody's end."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        body: dict[str, Any] = {"access_token": "token", "posts": []}
        return Answer(request.operation, 0, 0, 200, {}, body)

    def close(self) -> None:
        pass


class OneAsker(World):
    asks = Forgetful()

    def asker(self, _: Answers | None = None) -> Forgetful:
        return self.asks


def test_a_list_without_ones_own_change_and_one_after_the_end_are_noticed(tmp_path: Path) -> None:
    world = OneAsker("http://nowhere", Ledger(tmp_path / "ledger"), Answers())

    with Reader(world) as reader:
        wait_until(lambda: LOGOUT in [each.path for each in world.asks.asked])

    assert reader.unseen == reader.own > 0
    assert reader.let_in == 2
