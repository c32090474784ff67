"""The service's own processes: killed, stopped, replaced (F1 to F5)."""

import os
import signal
import threading
import time
from collections import Counter

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.case import SQLITE, Bench, Case, Findings, Seen
from benchmarks.faults.service import Service, is_alive, seconds_until
from benchmarks.faults.storm import CLIENTS, failures, quantile, storm
from support.paths import LIVE, READY

_THREADS = 8
_SETTLE = 2.0
_STARTED_SECONDS = 2.0
_RECOVERY_SECONDS = 5.0
_ORPHAN_SECONDS = 30.0
_END_SECONDS = 30.0
_ANSWER_SECONDS = 2.0
_REFUSED = "ConnectionRefusedError"
_REPLACED = "takes the place of"


def kill_workers(bench: Bench) -> Seen:
    """Kill one process of two, again and again."""
    found = Findings()
    lost: list[int] = []
    starts: list[float] = []
    with bench.database() as database, bench.service(database) as service:
        with storm(service.url, bench.ledger, clients=_THREADS) as clients:
            time.sleep(_SETTLE)
            for _ in range(bench.pick(10, 3)):
                before = service.workers
                os.kill(before[0], signal.SIGKILL)
                starts.append(seconds_until(lambda: _is_replaced(service, before), 30))  # noqa: B023 - called in the same turn
                time.sleep(_SETTLE)
                lost.append(len(_unanswered(clients.answers())) - sum(lost))
        found.judge(clients.judge(database.url, may_lose=(_THREADS + 1) * len(lost)))
    found.demand(f"at most {max(lost)} requests lost by a kill", holds=max(lost) <= _THREADS)
    found.within("a new process", max(starts), _STARTED_SECONDS)
    return found.seen()


def kill_master(bench: Bench) -> Seen:
    """Kill gunicorn's master under a supervisor."""
    found, returns, orphans = Findings(), [], []
    with bench.database() as database, bench.service(database, "--supervised") as service:
        with storm(service.url, bench.ledger) as clients:
            for _ in range(bench.pick(3, 1)):
                time.sleep(_SETTLE)
                master, workers = service.master, service.workers
                os.kill(master, signal.SIGKILL)
                began = time.monotonic()
                seconds_until(lambda: service.master not in (master, service.process.pid), 30)  # noqa: B023 - called in the same turn
                returns.append(clients.recovery(began))
                orphans.append(seconds_until(lambda: not any(map(is_alive, workers)), 40))  # noqa: B023 - called in the same turn
        found.judge(clients.judge(database.url, may_lose=CLIENTS * len(returns)))
    found.within("served again", max(returns), _RECOVERY_SECONDS)
    found.within("no orphans", max(orphans), _ORPHAN_SECONDS)
    return found.seen()


def drain(bench: Bench) -> Seen:
    """Stop the server by SIGTERM under load, and start it anew."""
    found, ends, failed, untold = Findings(), [], Counter[str](), 0
    rounds = bench.pick(5, 1)
    with (
        bench.database() as database,
        bench.service(database, SHUTDOWN_DELAY_SECONDS="2") as service,
    ):
        with storm(service.url, bench.ledger) as clients:
            for _ in range(rounds):
                time.sleep(_SETTLE)
                began = time.monotonic()
                service.process.send_signal(signal.SIGTERM)
                untold += not _tells(service)
                service.stop()
                ends.append(time.monotonic() - began)
                service.start()
                broken = _unanswered(clients.answers(began - _SETTLE))
                failed.update(each.error for each in broken if each.error != _REFUSED)
        found.judge(clients.judge(database.url, may_lose=10**6))
    found.demand(
        f"{failed.total()} requests failed of those that were let in", holds=not failed.total()
    )
    found.within("ended", max(ends), _END_SECONDS)
    found.demand(f"ready said 503 first in {rounds - untold} of {rounds}", holds=not untold)
    return found.seen()


def rolling_restart(bench: Bench) -> Seen:
    """Replace the whole server again and again at 70 % of what it can do."""
    found = Findings()
    restarts, seconds = bench.pick(10, 2), bench.pick(60, 12)
    with bench.database() as database, bench.service(database, "--supervised") as service:
        with storm(service.url, bench.ledger.with_suffix(".capacity")) as full:
            time.sleep(bench.pick(10, 3))
        capacity = full.rate()
        with storm(service.url, bench.ledger, rate=0.7 * capacity) as clients:
            for _ in range(restarts):
                time.sleep(seconds / restarts)
                service.process.send_signal(signal.SIGHUP)
            seconds_until(lambda: service.count_told(_REPLACED) == restarts, 30)
            time.sleep(_SETTLE)
        replaced = service.count_told(_REPLACED)
        answers = clients.answers()
        found.judge(clients.judge(database.url))
    errors = [each for each in answers if each.operation != "intrusion" and not each.is_success]
    worst = quantile([each.seconds for each in answers], 0.99)
    kinds = Counter(f"{each.operation}: {each.outcome}" for each in errors)
    told = f" ({', '.join(kinds)})" if kinds else ""
    found.demand(f"{replaced} restarts", holds=replaced == restarts)
    found.demand(f"{len(errors)} errors in {len(answers):,} requests{told}", holds=not errors)
    found.within("99 of 100", worst, _ANSWER_SECONDS)
    found.tell(f"{clients.rate():.0f} of {capacity:.0f} requests a second")
    return found.seen()


def recycle(bench: Bench) -> Seen:
    """Have processes replaced after few requests each."""
    found, answers = Findings(), Answers()
    wanted = bench.pick(50_000, 3_000)
    with bench.database() as database, bench.service(database, WEB_MAX_REQUESTS="1000") as service:
        before = set(service.workers)
        threads = [
            threading.Thread(target=_ask_often, args=(service.url, answers, wanted // 16))
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        replaced = before - set(service.workers)
    lost = [each for each in answers.all() if not each.is_success]
    found.demand(f"{len(lost)} lost of {len(answers.all()):,}", holds=not lost)
    found.demand(f"{len(replaced)} of the first 2 processes replaced", holds=bool(replaced))
    found.misses += failures(lost)
    return found.seen()


def _ask_often(url: str, answers: Answers, times: int) -> None:
    asker = Asker(url, answers)
    for _ in range(times):
        asker.ask(Request("live", "GET", LIVE))
    asker.close()


def _is_replaced(service: Service, before: list[int]) -> bool:
    """Say whether there are as many workers as before, without the one that was killed."""
    now = service.workers
    return before[0] not in now and len(now) == len(before)


def _unanswered(answers: list[Answer]) -> list[Answer]:
    return [each for each in answers if each.status is None and each.operation != "intrusion"]


def _tells(service: Service) -> bool:
    """Say whether readiness is denied while the server still answers."""
    asker = Asker(service.url, Answers())
    told = seconds_until(lambda: asker.ask(Request("ready", "GET", READY)).status == 503, 1.5)  # noqa: PLR2004 - unavailable, and a moment
    asker.close()
    return told < float("inf")


CASES = (
    Case(
        "F1",
        "`kill -9` of a worker under load",
        "lost at most the 8 requests of its threads; a new one within 2 s; N1 to N6",
        kill_workers,
        quick=(SQLITE,),
    ),
    Case(
        "F2",
        "`kill -9` of the master under load, with `--supervised`",
        "no orphan after 30 s; served again within 5 s; N1 to N4",
        kill_master,
    ),
    Case(
        "F3",
        "SIGTERM under load",
        "0 failed that were let in; ended within 30 s; ready says 503 first; N1 to N6",
        drain,
    ),
    Case(
        "F4",
        "10 rolling restarts in 60 s at 70 % load",
        "0 errors; 99 of 100 within 2 s; N1 to N6",
        rolling_restart,
    ),
    Case("F5", "processes replaced after 1,000 requests each", "0 lost of 50,000", recycle),
)
