"""How many passwords are hashed at once: by processors, processes and threads, or as is told."""

from pathlib import Path

import pytest

from config.loading import PRODUCTION, for_production, problems_of
from userapi.config import groups
from userapi.config.groups import PasswordSettings


def queue_in_production(
    processors: int, monkeypatch: pytest.MonkeyPatch, **variables: str
) -> tuple[int, int]:
    monkeypatch.setattr(groups, "available_processors", lambda: processors)
    passwords = for_production(**variables).of(PasswordSettings)
    return passwords.slots, passwords.waiting


@pytest.mark.parametrize(
    ("processors", "processes", "threads", "expected"),
    [
        (2, 2, 4, (1, 16)),
        (1, 8, 4, (1, 16)),
        (8, 2, 4, (3, 48)),
        (8, 2, 16, (4, 64)),
        (64, 1, 64, (63, 1008)),
        (4, 1, 1, (1, 16)),
        (4, 1, 2, (1, 16)),
    ],
)
def test_each_process_has_its_share_of_the_processors_and_keeps_a_thread_free(
    monkeypatch: pytest.MonkeyPatch,
    processors: int,
    processes: int,
    threads: int,
    expected: tuple[int, int],
) -> None:
    given = {"WEB_CONCURRENCY": str(processes), "WEB_THREADS": str(threads)}

    assert queue_in_production(processors, monkeypatch, **given) == expected


def test_both_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "WEB_THREADS": "8",
        "PASSWORD_HASHING_SLOTS": "2",
        "PASSWORD_HASHING_WAITING": "3",
    }

    assert queue_in_production(16, monkeypatch, **given) == (2, 3)


def test_what_would_leave_no_thread_is_refused() -> None:
    given = {"PASSWORD_HASHING_SLOTS": "4", "WEB_THREADS": "4"}
    (problem,) = problems_of("production", {**PRODUCTION, **given})

    assert problem == (
        "PASSWORD_HASHING_SLOTS: must leave a thread for other requests: at most 3, because "
        "WEB_THREADS is 4"
    )


def test_the_processors_are_counted() -> None:
    assert groups.available_processors() >= 1


def test_the_time_to_wait_has_bounds(instance: Path) -> None:
    given = {"INSTANCE_PATH": str(instance), "PASSWORD_HASHING_TIMEOUT_SECONDS": "31"}

    assert problems_of(None, given) == (
        "PASSWORD_HASHING_TIMEOUT_SECONDS: must be a whole number of seconds from 1 to 30",
    )
