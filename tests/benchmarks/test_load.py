import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from benchmarks.speed.load import Load, NoAnswer, ask, end_of_answer

REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize(
    ("received", "end"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Len", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 40),
        (b"HTTP/1.1 200 OK\r\ncontent-length:  10\r\nX: y\r\n\r\n{}", 56),
        (b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", 33),
    ],
)
def test_the_end_of_an_answer_is_known_by_its_length(received: bytes, end: int | None) -> None:
    assert end_of_answer(received) == end


def test_an_answer_without_a_length_is_none() -> None:
    with pytest.raises(NoAnswer):
        end_of_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, int]]:
    """Give each request the next of these answers, again and again; an empty one disconnects."""
    rest = itertools.cycle(answers)

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with closing(client):
                while client.recv(1000):
                    if not (answer := next(rest)):
                        break
                    half = len(answer) // 2
                    client.sendall(answer[:half])
                    client.sendall(answer[half:])

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listener,), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[:2]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answer(status: str, body: bytes = b"{}") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_right_answers_are_timed_and_others_counted() -> None:
    requests = iter([REQUEST] * 6)
    heard: list[bytes] = []
    with answering(answer("200 OK", b"[1]"), answer("503 Busy"), b"") as address:
        answers = ask(Load(address, requests, 1, heard.append), 5)

    assert len(answers.times) == 2
    assert answers.refusals == {"503": 2, "closed": 2}
    assert heard == [b"[1]", b"[1]"]


def test_a_slice_ends_when_its_time_is_over() -> None:
    with answering(answer("200 OK")) as address:
        answers = ask(Load(address, itertools.cycle([REQUEST]), 1), 0.05)

    assert answers.times
    assert not answers.failures
    assert 0.05 <= answers.seconds < 5


def test_nobody_who_answers_is_a_failure() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        address = listener.getsockname()[:2]

    answers = ask(Load(address, itertools.cycle([REQUEST]), 2), 0.05)

    assert answers.refusals == {"ConnectionRefusedError": 1}
