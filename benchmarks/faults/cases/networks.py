"""A database that says nothing: frozen, behind a dead line, or locked (F23)."""

import contextlib
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator

from sqlalchemy.engine import make_url

from benchmarks.faults.asking import Answers, Asker, Request
from benchmarks.faults.case import BOTH, POSTGRESQL, Bench, Case, Database, Findings, Seen
from benchmarks.faults.proxy import FaultProxy, Mood, fault_proxy
from benchmarks.faults.service import Service
from benchmarks.faults.storm import HANG_SECONDS, Storm, storm
from support.paths import LIVE

_QUIET_SECONDS = 12
_LIVE_SECONDS = 0.5
_RECOVERY_SECONDS = 5.0

Quiet = Callable[[], contextlib.AbstractContextManager[None]]


def freeze(bench: Bench) -> Seen:
    """Freeze PostgreSQL, or hold the write lock of SQLite's file."""
    with bench.database() as database, bench.service(database) as service:
        quiet = _frozen if bench.kind == POSTGRESQL else _locked
        return _silence(bench, database.url, service, lambda: quiet(database))


def cut_the_line(bench: Bench) -> Seen:
    """Let nothing through to PostgreSQL, with connections that stay open."""
    with bench.database() as database, fault_proxy(database.server.port) as proxy:
        behind = make_url(database.url).set(port=proxy.port).render_as_string(hide_password=False)
        with bench.service(Database(behind, database.cluster)) as service:
            return _silence(bench, database.url, service, lambda: _silent(proxy))


def _silence(bench: Bench, database_url: str, service: Service, quiet: Quiet) -> Seen:
    found = Findings()
    with storm(service.url, bench.ledger) as clients:
        time.sleep(3)
        began = time.monotonic()
        with quiet():
            alive = _worst_of_live(service, bench.pick(_QUIET_SECONDS, 7))
        back = time.monotonic()
        recovery = clients.recovery(back)
    found.judge(clients.judge(database_url))
    worst = _worst(clients, began, back)
    found.within("answered", worst, HANG_SECONDS)
    found.within("`/health/live`", alive, _LIVE_SECONDS)
    found.within("recovered", recovery, _RECOVERY_SECONDS)
    return found.seen()


@contextlib.contextmanager
def _frozen(database: Database) -> Iterator[None]:
    database.server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        database.server.signal(signal.SIGCONT)


@contextlib.contextmanager
def _locked(database: Database) -> Iterator[None]:
    file = str(make_url(database.url).database)
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        yield
        stranger.rollback()


@contextlib.contextmanager
def _silent(proxy: FaultProxy) -> Iterator[None]:
    proxy.mood = Mood.SILENT
    try:
        yield
    finally:
        proxy.mood = Mood.PASSING


def _worst_of_live(service: Service, seconds: float) -> float:
    """Ask on and on whether the service lives; return the longest that an answer took."""
    answers, end = Answers(), time.monotonic() + seconds
    asker = Asker(service.url, answers)
    while time.monotonic() < end:
        asker.ask(Request("live", "GET", LIVE))
        time.sleep(0.1)
    asker.close()
    # One that was not answered at all took for ever.
    return max(it.seconds if it.is_success else float("inf") for it in answers.all())


def _worst(clients: Storm, began: float, back: float) -> float:
    return max((it.seconds for it in clients.answers(began - HANG_SECONDS, back)), default=0.0)


CASES = (
    Case(
        "F23",
        "the database is frozen (SIGSTOP), or another holds SQLite's write lock, for 12 s",
        "every request ends within 5 s; `/health/live` answers; recovered within 5 s; N1 to N6",
        freeze,
        quick=BOTH,
    ),
    Case(
        "F23b",
        "nothing comes through to the database, connections stay open, for 12 s",
        "every request ends within 5 s; `/health/live` answers; recovered within 5 s; N1 to N6",
        cut_the_line,
        databases=(POSTGRESQL,),
    ),
)
