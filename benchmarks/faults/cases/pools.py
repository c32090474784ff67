"""More work than there are connections, locks and processors (F8, F13, F24)."""

import contextlib
import threading
import time
from collections.abc import Iterator

import psycopg

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.case import POSTGRESQL, SQLITE, Bench, Case, Findings, Seen
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.journeys import sign_up
from benchmarks.faults.service import Service
from benchmarks.faults.storm import failures, quantile, storm
from support.paths import LIVE, LOGIN, ME

_HASHING = "hashing-busy"
_WAITING = 200
_HELD_SECONDS = 10.0
_REFUSAL_SECONDS = 3.0
_LIVE_SECONDS = 0.1
_SHED_SECONDS = 0.5
_LEAST_SECONDS = 0.05  # what a quiet machine may take, whatever it took before
_RECOVERY_SECONDS = 5.0
_FLOOD_PAUSE = 0.4  # some 200 a second, five times as many as two processors can verify
_WRITERS = 50
_WRITES = 100.0


def exhaust_pool(bench: Bench) -> Seen:
    """Hold a lock that every request waits for, with far more clients than connections."""
    found, answers, live = Findings(), Answers(), Answers()
    with bench.database() as database, bench.service(database) as service:
        with storm(service.url, bench.ledger, clients=2) as clients:
            token = sign_up(service.url).access
            with _locked(database.server), _asking(service, answers, live, token):
                time.sleep(bench.pick(int(_HELD_SECONDS), 5))
            recovery = clients.recovery(time.monotonic())
        found.judge(clients.judge(database.url))
    worst, alive = _worst(answers.all()), _worst(live.all())
    refused = sum(each.is_orderly_refusal for each in answers.all())
    found.tell(f"{refused:,} answers 503")
    found.within("all answered", worst, _REFUSAL_SECONDS)
    found.within("`/health/live`", alive, _LIVE_SECONDS)
    found.within("recovered", recovery, _RECOVERY_SECONDS)
    found.misses += failures(answers.all())
    return found.seen()


def contend_for_file(bench: Bench) -> Seen:
    """Have four processes write to one file for many clients, at a rate and without one."""
    found, seconds = Findings(), bench.pick(30, 5)
    clients = 4 * bench.pick(_WRITERS, 10)
    with bench.database() as database, bench.service(database, WEB_CONCURRENCY="4") as service:
        with storm(service.url, bench.ledger, clients=clients, rate=1.2 * _WRITES) as paced:
            time.sleep(seconds)
        refused = [each for each in paced.answers() if _is_locked_out(each)]
        found.judge(paced.judge(database.url))
        free = bench.ledger.with_suffix(".free")
        with storm(service.url, free, clients=clients) as unpaced:
            time.sleep(seconds)
        found.misses += unpaced.judge(database.url).misses
    found.demand(
        f"{len(refused)} refused of {len(paced.answers()):,}, {paced.rate():.0f} in a second",
        holds=not refused,
    )
    turned_away = sum(_is_locked_out(each) for each in unpaced.answers())
    found.tell(
        f"as fast as they can, {clients} clients: {unpaced.rate():.0f} requests a second,"
        f" {turned_away} refused with 503"
    )
    return found.seen()


def flood_with_logins(bench: Bench) -> Seen:
    """Log in far more often than passwords can be verified, and read meanwhile."""
    found, seconds = Findings(), bench.pick(60, 8)
    with bench.database() as database, bench.service(database) as service:
        with storm(service.url, bench.ledger, clients=2, rate=20) as clients:
            token = sign_up(service.url).access
            before = _reads(service, token, 3)
            answers = Answers()
            with _flooding(service, answers):
                during = _reads(service, token, seconds)
            after = _reads(service, token, 10)[-20:]
        found.judge(clients.judge(database.url))
    baseline, flooded = (quantile([it.seconds for it in each], 0.99) for each in (before, during))
    shed = [each for each in answers.all() if each.status in (429, 503)]
    turned = quantile([each.seconds for each in shed], 0.99)
    found.tell(f"99 of 100 reads within {baseline:.2f} s before")
    found.within("during it", flooded, 2 * max(baseline, _LEAST_SECONDS))
    found.tell(f"{len(shed):,} of {len(answers.all()):,} log-ins refused")
    if shed:
        found.within("99 of 100 of these", turned, _SHED_SECONDS)
    found.tell(f"reads within {quantile([it.seconds for it in after], 0.99):.2f} s afterwards")
    found.misses += failures([*during, *answers.all()])
    return found.seen()


def _is_locked_out(answer: Answer) -> bool:
    """Say whether somebody was refused, and not because many passwords were to be hashed."""
    return answer.is_orderly_refusal and answer.code != _HASHING


@contextlib.contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    """Let nobody read or write the users until the block ends."""
    with psycopg.connect(cluster.plain_url) as connection:
        connection.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def _asking(service: Service, answers: Answers, live: Answers, token: str) -> Iterator[None]:
    """Have many ask who they are, and one whether the service lives, until the block ends."""
    reading = Request("read", "GET", ME, token=token)
    with _in_threads(
        service, [(answers, reading)] * _WAITING + [(live, Request("live", "GET", LIVE))]
    ):
        yield


@contextlib.contextmanager
def _flooding(service: Service, answers: Answers) -> Iterator[None]:
    # Each guesses at an account of its own: at one, only the first ten guesses are verified.
    bodies = (
        {"email": f"nobody{n}@example.com", "password": "a wrong password"} for n in range(100)
    )
    logins = [(answers, Request("login", "POST", LOGIN, body)) for body in bodies]
    with _in_threads(service, logins, pause=_FLOOD_PAUSE):
        yield


@contextlib.contextmanager
def _in_threads(
    service: Service, asked: list[tuple[Answers, Request]], pause: float = 0.05
) -> Iterator[None]:
    is_over = threading.Event()

    def ask(answers: Answers, request: Request) -> None:
        asker = Asker(service.url, answers, seconds=40)
        while not is_over.wait(pause):
            asker.ask(request)
        asker.close()

    threads = [threading.Thread(target=ask, args=each) for each in asked]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _reads(service: Service, token: str, seconds: float) -> list[Answer]:
    """Read once in 50 ms for so long."""
    answers, end = Answers(), time.monotonic() + seconds
    asker = Asker(service.url, answers)
    while time.monotonic() < end:
        asker.ask(Request("read", "GET", ME, token=token))
        time.sleep(0.05)
    asker.close()
    return answers.all()


def _worst(answers: list[Answer]) -> float:
    return max((each.seconds for each in answers), default=float("nan"))


CASES = (
    Case(
        "F8",
        "every connection of the pool waits for a lock, 200 clients",
        "503 within 3 s; `/health/live` within 100 ms; recovered within 5 s; N1 to N6",
        exhaust_pool,
        databases=(POSTGRESQL,),
    ),
    Case(
        "F13",
        "4 processes with 50 writers each on one SQLite file",
        "nobody refused at 100 writes a second; beyond that 503 with `Retry-After`; N1 to N6",
        contend_for_file,
        databases=(SQLITE,),
    ),
    Case(
        "F24",
        "100 clients log in five times as often as passwords can be verified",
        "reads at most twice as slow; the surplus refused within 0.5 s; N1 to N6",
        flood_with_logins,
    ),
)
