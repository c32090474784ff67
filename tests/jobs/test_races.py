"""Workers in real processes: beside each other, killed, and stopped."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs import letter_worker
from jobs.offices import Office, office_on
from support.processes import clean_environment
from support.races import IS_FULL

pytestmark = pytest.mark.race

TESTS = Path(__file__).parents[1]
LETTERS = 600 if IS_FULL else 40
KILLS = 20 if IS_FULL else 3
WORKERS = 3

on_procrastinate = pytest.mark.parametrize(
    ("database", "engine"),
    [pytest.param("postgresql", "procrastinate", id="procrastinate")],
    indirect=True,
    scope="session",
)


@pytest.fixture
def office(database_url: str, tmp_path: Path, engine: str) -> Iterator[Office]:
    """An office on a database of its own."""
    with office_on(database_url, tmp_path, engine) as office:
        yield office


Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(database_url: str, tmp_path: Path, engine: str) -> Iterator[Start]:
    """Starts a worker of its own process, and returns when it works."""
    command = [sys.executable, letter_worker.__file__, database_url, str(tmp_path), engine]
    variables = clean_environment(PYTHONPATH=str(TESTS))
    unmeasured = {k: value for k, value in variables.items() if not k.startswith("COVERAGE_")}
    started: list[subprocess.Popen[str]] = []
    with (tmp_path / "log").open("w") as log, contextlib.ExitStack() as stack:

        def begin() -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    command, env=unmeasured, stdout=subprocess.PIPE, stderr=log, text=True
                )
            )
            started.append(process)
            return process

        yield begin
        for process in started:
            process.kill()


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def wait_until_done(office: Office, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while office.waiting() and time.monotonic() < end:
        time.sleep(0.1)
    assert office.waiting() == []


def sent(folder: Path) -> Counter[str]:
    """Return how often each letter was sent."""
    return Counter((folder / "sent").read_text(encoding="utf-8").split())


def keys() -> list[str]:
    return [f"{number:03}" for number in range(LETTERS)]


def show_that_each_is_sent_once(office: Office, start: Start, folder: Path) -> None:
    office.leave(*keys())

    for process in [start() for _ in range(WORKERS)]:
        wait_until_ready(process)
    wait_until_done(office)

    assert sent(folder) == Counter(keys())


def show_that_nothing_is_lost(office: Office, start: Start, folder: Path) -> None:
    """Kill workers at random points, and start others in their place."""
    office.leave(*keys())
    working = [start() for _ in range(WORKERS)]
    for _ in range(KILLS):
        victim = working.pop(0)
        wait_until_ready(victim)
        time.sleep(random.uniform(0, LETTERS * letter_worker.SENDING_SECONDS / KILLS))
        victim.kill()
        working.append(start())

    wait_until_done(office)

    counted = sent(folder)
    assert sorted(counted) == keys()
    assert counted.total() - LETTERS <= KILLS


def test_no_letter_is_sent_twice(office: Office, start: Start, tmp_path: Path) -> None:
    show_that_each_is_sent_once(office, start, tmp_path)


@pytest.mark.system
@on_procrastinate
def test_no_letter_is_sent_twice_by_procrastinate(
    office: Office, start: Start, tmp_path: Path
) -> None:
    show_that_each_is_sent_once(office, start, tmp_path)


@pytest.mark.system
def test_nothing_is_lost_when_workers_are_killed(
    office: Office, start: Start, tmp_path: Path
) -> None:
    show_that_nothing_is_lost(office, start, tmp_path)


@pytest.mark.system
@on_procrastinate
def test_nothing_is_lost_when_workers_of_procrastinate_are_killed(
    office: Office, start: Start, tmp_path: Path
) -> None:
    show_that_nothing_is_lost(office, start, tmp_path)


@pytest.mark.parametrize(
    "told", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.system)]
)
def test_a_worker_that_is_told_to_stop_ends_well(
    office: Office, start: Start, tmp_path: Path, told: signal.Signals
) -> None:
    office.leave(*keys())
    process = start()
    wait_until_ready(process)
    time.sleep(0.1)

    process.send_signal(told)

    assert process.wait(20) == 0
    assert set(sent(tmp_path).values()) <= {1}
    assert len(sent(tmp_path)) + len(office.waiting()) == LETTERS
    office.work()
    assert office.waiting() == []
