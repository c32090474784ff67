"""What is asked of the database when metrics are scraped."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from userapi.metrics.probe import Findings, Probe

READY = Findings(is_ready=True, backlog=())
LONG = 60.0


def test_many_who_scrape_ask_once() -> None:
    asked: list[int] = []

    def ask() -> Findings:
        asked.append(1)
        time.sleep(0.05)
        return READY

    probe = Probe(ask, kept=LONG, waited=LONG)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: probe.findings(), range(50)))

    assert (found, asked) == ([READY] * 50, [1])


def test_what_is_old_is_asked_anew() -> None:
    asked: list[int] = []

    def ask() -> Findings:
        asked.append(1)
        return READY

    probe = Probe(ask, kept=0, waited=LONG)
    for _ in range(3):
        assert probe.findings() == READY

    assert len(asked) == 3


def test_a_database_that_hangs_is_not_waited_for_and_asked_once() -> None:
    hang, asked = Event(), list[int]()

    def ask() -> Findings:
        asked.append(1)
        hang.wait(LONG)
        return READY

    probe = Probe(ask, kept=LONG, waited=0.01)
    assert [probe.findings() for _ in range(3)] == [None] * 3
    assert asked == [1]

    hang.set()
    deadline = time.monotonic() + LONG
    while probe.findings() is None:
        assert time.monotonic() < deadline
    assert asked == [1]


def test_a_failure_is_no_finding() -> None:
    def fail() -> Findings:
        raise OSError

    assert Probe(fail, waited=LONG).findings() is None
