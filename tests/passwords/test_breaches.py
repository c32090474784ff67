"""The breach check with a real server, in whatever state it is."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from passwords.breach_server import (
    BREACHED,
    BreachServer,
    breach_server,
    digest_of,
    line_of,
    wait_until,
)
from userapi.kit.tracing import in_trace_of
from userapi.passwords.breaches import BreachRanges, known_suffixes

SHORT = timedelta(seconds=0.4)
UNKNOWN = "nobody has lost this one"


@pytest.fixture
def server() -> Iterator[BreachServer]:
    with breach_server() as server:
        yield server


@pytest.fixture
def check(server: BreachServer) -> BreachRanges:
    return BreachRanges(url=server.url, timeout=SHORT)


def threads_of_checks() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "breach check"]


def test_a_password_that_the_service_knows_is_breached(check: BreachRanges) -> None:
    assert check.is_breached(BREACHED) is True


@pytest.mark.parametrize("password", [UNKNOWN, "made up"])
def test_one_that_it_does_not_know_or_has_made_up_is_not(
    check: BreachRanges, password: str
) -> None:
    assert check.is_breached(password) is False


def test_the_service_is_told_five_digits_and_asked_for_padding(
    server: BreachServer, check: BreachRanges
) -> None:
    check.is_breached(BREACHED)

    assert server.paths == [f"/range/{digest_of(BREACHED)[:5]}"]
    assert server.padding == ["true"]


def test_the_service_is_told_the_trace(server: BreachServer, check: BreachRanges) -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-01"

    with in_trace_of({"traceparent": parent}):
        check.is_breached(BREACHED)

    assert server.traces == [parent]


@pytest.mark.parametrize("status", [204, 301, 404, 429, 500, 503])
def test_a_refusal_lets_the_password_pass(
    server: BreachServer, check: BreachRanges, status: int
) -> None:
    server.status = status

    assert check.is_breached(BREACHED) is False


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"\xff\xfe",
        line_of(BREACHED) + b"nonsense\r\n",
        digest_of(BREACHED).encode() + b":1",
        digest_of(BREACHED)[5:].encode(),
        line_of(BREACHED) * 30_000,
    ],
    ids=["html", "bytes", "nonsense", "whole-digest", "no-count", "immense"],
)
def test_a_service_that_lies_is_not_believed(
    server: BreachServer, check: BreachRanges, body: bytes
) -> None:
    server.body = body

    assert check.is_breached(BREACHED) is False


def test_a_service_that_drips_is_not_waited_for(server: BreachServer, check: BreachRanges) -> None:
    server.drips, begun = True, time.monotonic()

    assert check.is_breached(BREACHED) is False
    assert time.monotonic() - begun < 2 * SHORT.total_seconds()
    assert wait_until(lambda: not threads_of_checks())


def test_a_service_that_is_silent_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        begun = time.monotonic()

        assert BreachRanges(url=url, timeout=SHORT).is_breached(BREACHED) is False
        assert time.monotonic() - begun < 2 * SHORT.total_seconds()
    assert wait_until(lambda: not threads_of_checks())


def test_names_that_are_not_resolved_in_time_are_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: is_over.wait(5) and [])
    begun = time.monotonic()

    answer = BreachRanges(url="https://ranges.example/", timeout=SHORT).is_breached(BREACHED)
    is_over.set()

    assert answer is False
    assert time.monotonic() - begun < 2 * SHORT.total_seconds()
    assert wait_until(lambda: not threads_of_checks())


def test_a_service_that_is_down_lets_the_password_pass(server: BreachServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert BreachRanges(url=f"http://127.0.0.1:{port}/").is_breached(BREACHED) is False


def test_while_a_few_wait_for_the_service_the_others_do_not(
    server: BreachServer, check: BreachRanges
) -> None:
    server.drips = True
    waiting = [threading.Thread(target=check.is_breached, args=(BREACHED,)) for _ in range(4)]
    for thread in waiting:
        thread.start()
    assert wait_until(lambda: len(server.paths) == 4)
    begun = time.monotonic()

    assert check.is_breached(BREACHED) is False
    assert time.monotonic() - begun < SHORT.total_seconds() / 2
    for thread in waiting:
        thread.join()


def test_the_places_get_free_again(server: BreachServer, check: BreachRanges) -> None:
    assert [check.is_breached(BREACHED) for _ in range(12)] == [True] * 12


def test_the_log_tells_what_failed_and_nothing_of_the_password(
    server: BreachServer, check: BreachRanges, caplog: pytest.LogCaptureFixture
) -> None:
    server.body = digest_of(BREACHED).encode()

    with caplog.at_level(logging.DEBUG):
        check.is_breached(BREACHED)

    assert caplog.messages == ["A password was not checked for breaches: ValueError"]


def test_an_empty_answer_knows_nothing() -> None:
    assert known_suffixes(b"") == frozenset()


def test_a_thread_that_cannot_start_leaves_its_place(
    check: BreachRanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        assert not any(check.is_breached(BREACHED) for _ in range(10))

    assert check.is_breached(BREACHED)
