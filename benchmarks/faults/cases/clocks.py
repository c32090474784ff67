"""Clocks that are wrong, jump, or differ from process to process (F18)."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.case import Bench, Case, Database, Findings, Seen
from benchmarks.faults.journeys import PASSWORD, sign_up
from benchmarks.faults.service import Service, serving
from support.paths import LOGIN, ME

_LIBRARY = "faketime/libfaketimeMT.so.1"
_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")
_SLEEPING = """\
import select, time

# With a clock that is wrong and one that is right, the library has clock_nanosleep() fail.
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""
_LIFETIME = 60
_LEEWAY = 10
_SETTLE = 0.2
_FAILURES = 12
_HOUR, _DAY = 3_600, 86_400


class Clock:
    """A service's own clock, which is off by some seconds; it has a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._file = folder / "offset"
        (folder / "sitecustomize.py").write_text(_SLEEPING, encoding="ascii")
        self.set(0)

    def set(self, seconds: int) -> None:
        """Have it go that much before the right time, or behind it."""
        self._file.write_text(f"{seconds:+d}s\n", encoding="ascii")
        time.sleep(_SETTLE)

    def variables(self) -> dict[str, str]:
        """Return what has a program believe it."""
        library = next(path for folder in _FOLDERS if (path := Path(folder) / _LIBRARY).exists())
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # What waits for a time to pass goes by the right clock.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(self._folder),
        }


def go_wrong(bench: Bench) -> Seen:
    """Set the clocks of two services on one database, each in turn."""
    found = Findings()
    with (
        bench.database() as database,
        _clocked(bench, database, "first") as (one, clock),
        _clocked(bench, database, "second") as (other, other_clock),
    ):
        _expire(one, clock, found)
        _differ(one, other, other_clock, found, has_clock=database.cluster is not None)
        _keep_failures(one, clock, found)
    return found.seen()


def _expire(service: Service, clock: Clock, found: Findings) -> None:
    """See when an access token begins and ends by the service's clock."""
    token = sign_up(service.url).access
    wrong = []
    for seconds, is_good in (
        (0, True),
        (_LIFETIME - 15, True),
        (_LIFETIME + 1, False),
        (_LIFETIME + 90, False),
        (_DAY, False),
        (-_LEEWAY + 2, True),
        (-90, False),
        (-_HOUR, False),
        (0, True),
    ):
        clock.set(seconds)
        if _read(service, token).is_success != is_good:
            wrong.append(f"{seconds:+d} s")
    clock.set(0)
    found.demand(f"a token taken wrongly at {wrong or 'none'} of 9 times", holds=not wrong)


def _differ(
    one: Service, other: Service, clock: Clock, found: Findings, *, has_clock: bool
) -> None:
    """Have two services issue tokens and read each other's."""
    refused = accepted = 0
    for seconds in (-_LEEWAY + 2, _LEEWAY - 2):
        clock.set(seconds)
        answers = [
            _read(other, sign_up(one.url).access),
            _read(one, sign_up(other.url).access),
        ]
        refused += sum(not answer.is_success for answer in answers)
    clock.set(_LIFETIME + _LEEWAY)
    # Issued by the one, it has ended for the other; the other's own have not begun for the one, but
    # where PostgreSQL's clock, which is right, has told when.
    accepted += _read(other, sign_up(one.url).access).is_success
    is_early = not _read(one, sign_up(other.url).access).is_success
    accepted += is_early == has_clock
    clock.set(0)
    found.demand(f"{refused} of 4 refused with clocks 8 s apart", holds=not refused)
    found.demand(f"{accepted} of 2 taken wrongly with clocks 70 s apart", holds=not accepted)


def _keep_failures(service: Service, clock: Clock, found: Findings) -> None:
    """See whether a clock that is put back forgives failed log-ins."""
    email = sign_up(service.url).email
    for _ in range(_FAILURES):
        _log_in(service, email, "a wrong password")
    before = _log_in(service, email, PASSWORD).status
    clock.set(-_HOUR)
    behind = _log_in(service, email, PASSWORD).status
    clock.set(0)
    found.demand(
        f"after {_FAILURES} failures the password gives {before}, an hour behind {behind}",
        holds=before == behind == 429,  # noqa: PLR2004 - too many
    )


def _read(service: Service, token: str) -> Answer:
    return _ask(service, Request("read", "GET", ME, token=token))


def _log_in(service: Service, email: str, password: str) -> Answer:
    return _ask(service, Request("login", "POST", LOGIN, {"email": email, "password": password}))


def _ask(service: Service, request: Request) -> Answer:
    with contextlib.closing(Asker(service.url, Answers())) as asker:
        return asker.ask(request)


@contextlib.contextmanager
def _clocked(bench: Bench, database: Database, name: str) -> Iterator[tuple[Service, Clock]]:
    clock = Clock(bench.folder / f"{name}-clock")
    settings = {"JWT_ACCESS_TOKEN_EXPIRES": str(_LIFETIME), **clock.variables()}
    with serving(Service(database.url, bench.folder, settings)) as service:
        yield service, clock


CASES = (
    Case(
        "F18",
        "clocks 8 s to a day off, before and behind, of one server and of two",
        "no token accepted after its end; none refused within 10 s of skew; failures stay counted",
        go_wrong,
    ),
)
