"""Traffic while something breaks, and the judgement of it afterwards (N1 to N6)."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.asking import Answer, Answers, Request
from benchmarks.faults.checker import doubled, missing, rows_of
from benchmarks.faults.invariants import violations
from benchmarks.faults.journeys import Client, World
from benchmarks.faults.ledger import Ledger
from support.databases import engine_on
from support.paths import LOGIN, ME, REFRESH

CLIENTS = 12
HANG_SECONDS = 5.0
"""The longest that anybody may wait for an answer."""
_FORGED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIiwic2lkIjoiMSIsImV4cCI6OTk5OTk5OTk5OX0"
    ".c2lnbmVkIGJ5IG5vYm9keSBhdCBhbGw"
)
_PAUSE = 0.1
_WRONG = {"email": "nobody@example.com", "password": "a wrong password"}


@dataclass
class Norms:
    """What was found against N1 to N5, and how much was looked at; N6 each case measures."""

    acknowledged: int = 0
    in_doubt: int = 0
    found: dict[str, list[str]] = field(default_factory=lambda: {f"N{i}": [] for i in range(1, 6)})
    slow: list[str] = field(default_factory=list)

    @property
    def misses(self) -> list[str]:
        """What was found, in a few words for each norm."""
        return [f"{norm}: {len(found)} ({found[0]})" for norm, found in self.found.items() if found]

    @property
    def late(self) -> list[str]:
        """Who waited too long, in a few words."""
        return [f"N5: {len(self.slow)} late ({self.slow[0]})"] if self.slow else []


class Storm:
    """So many clients, and one who tries what nobody may."""

    def __init__(self, world: World, clients: int = CLIENTS) -> None:
        self.world = world
        # A name of this run's own: a database may have seen others.
        name = f"storm{time.time_ns():x}"
        members = [Client(self.world, f"{name}-{number}") for number in range(clients)]
        self._threads = [threading.Thread(target=member.run) for member in members]
        self._threads.append(threading.Thread(target=self._intrude))
        self.admitted: list[str] = []

    def begin(self) -> None:
        """Start everybody."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Have everybody finish what is in doubt; nothing happens the second time."""
        self.world.is_over.set()
        for thread in self._threads:
            thread.join()

    def answers(self, since: float = 0.0, until: float = float("inf")) -> list[Answer]:
        """Return what was asked for in that time, and answered by now."""
        return [each for each in self.world.answers.all() if since <= each.at < until]

    def rate(self) -> float:
        """Return how many requests a second were answered, without those of the intruder."""
        done = [each for each in self.answers() if each.operation != "intrusion"]
        began, ended = min(each.at for each in done), max(each.at + each.seconds for each in done)
        return len(done) / (ended - began)

    def recovery(self, since: float, seconds: float = 60.0) -> float:
        """Wait until a change that is asked for is made again; return how long after `since`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for answer in self.answers(since):
                if answer.is_success and answer.operation in {"edit", "post", "register"}:
                    return answer.at + answer.seconds - since
            time.sleep(_PAUSE)
        return float("inf")

    def judge(self, database_url: str, *, may_lose: int = 0) -> Norms:
        """Compare what was answered with what is there; `may_lose` requests may be unanswered."""
        norms = Norms()
        entries = self.world.ledger.entries()
        norms.acknowledged = sum(entry.is_acknowledged for entry in entries)
        norms.in_doubt = sum(entry.status in (None, 503) for entry in entries)
        with engine_on(database_url) as engine, engine.connect() as connection:
            rows = rows_of(connection)
            norms.found["N2"] = violations(connection)
        norms.found["N1"] = missing(entries, rows)
        norms.found["N3"] = doubled(entries, rows)
        norms.found["N4"] = self.admitted + self._resurrected()
        norms.found["N5"] = [*self.world.refused, *failures(self.answers(), may_lose)]
        norms.slow = hangs(self.answers())
        return norms

    def _resurrected(self) -> list[str]:
        """Try tokens that have ended, once more."""
        asker = self.world.asker(Answers())
        with contextlib.closing(asker):
            return [
                f"an ended token was accepted: {answer.outcome}"
                for token in self.world.dead.newest(100)
                for answer in (asker.ask(_reading(token)), asker.ask(_refreshing(token)))
                if answer.is_success
            ]

    def _intrude(self) -> None:
        """Try what is refused at all times: forged and ended tokens, and a wrong password."""
        asker = self.world.asker()
        tries: list[Callable[[], Request]] = [
            lambda: _reading(_FORGED),
            lambda: _reading(*self.world.dead.newest(1)),
            lambda: _refreshing(*self.world.dead.newest(1)),
            lambda: Request("intrusion", "POST", LOGIN, _WRONG),
        ]
        with contextlib.closing(asker):
            while True:
                for attempt in tries:
                    if self.world.is_over.wait(_PAUSE):
                        return
                    if (answer := asker.ask(attempt())).is_success:
                        self.admitted.append(f"an intruder was let in: {answer.outcome}")


@contextlib.contextmanager
def storm(
    url: str, ledger: Path, *, clients: int = CLIENTS, rate: float | None = None
) -> Iterator[Storm]:
    """Have clients at work until the block ends, at most at that rate of requests a second."""
    interval = 0.0 if rate is None else clients / rate
    clients_at_work = Storm(World(url, Ledger(ledger), Answers(), interval), clients)
    clients_at_work.begin()
    try:
        yield clients_at_work
    finally:
        clients_at_work.end()


def failures(answers: list[Answer], may_lose: int = 0) -> list[str]:
    """Return which answers are none that a client may get when something is broken."""
    unanswered = [each for each in answers if each.status is None]
    wrong = [each for each in answers if each.status is not None and _is_wrong(each)]
    if len(unanswered) > may_lose:
        wrong += unanswered
    return [f"{count} x {outcome}" for outcome, count in Counter(map(_told, wrong)).items()]


def hangs(answers: list[Answer]) -> list[str]:
    """Return who waited longer than anybody may."""
    return [
        f"{each.operation} took {each.seconds:.1f} s"
        for each in answers
        if each.seconds > HANG_SECONDS
    ]


def quantile(values: list[float], part: float) -> float:
    """Return what that part of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def _is_wrong(answer: Answer) -> bool:
    status = answer.status or 0
    return status >= 500 and not answer.is_orderly_refusal  # noqa: PLR2004 - the service's faults


def _told(answer: Answer) -> str:
    return f"{answer.operation}: {answer.outcome}"


def _reading(token: str = "none") -> Request:  # noqa: S107 - no token at all
    return Request("intrusion", "GET", ME, token=token)


def _refreshing(token: str = "none") -> Request:  # noqa: S107 - no token at all
    return Request("intrusion", "POST", REFRESH, token=token)
