"""The figures that are aimed at, and whether a run reached them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed.contenders import FEWEST, OURS
from benchmarks.speed.figures import Figures, median, shown
from benchmarks.speed.memory import Memory

LEAST = 1_000
MOST = 1_000_000


@dataclass(frozen=True)
class Target:
    """A figure: what it is, the bounds, and how it is found; of some of them less is better."""

    title: str
    at_least: float
    aim: float
    find: Callable[["Found"], float]
    unit: str = "x"
    less_is_better: bool = False

    def verdict(self, value: float) -> str:
        """Say what was reached."""
        if math.isnan(value):
            return "not measured"
        if self._reaches(value, self.aim):
            return "aim reached"
        return "reached" if self._reaches(value, self.at_least) else "**not reached**"

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.less_is_better else value >= bound


@dataclass(frozen=True)
class Found:
    """All that a run found."""

    figures: Figures
    memory: Sequence[Memory]
    starts: Mapping[str, Sequence[float]]

    def against(self, work: str, other: str, value: str, users: int | None = None) -> float:
        """Return how many times better the service is than another one."""
        asked = self.least if users is None else users
        return self.figures.ratio(asked, work, (OURS, other), value).median

    def growth(self, work: str) -> float:
        """Return how many times longer a work takes with the most users than with the fewest."""
        return self.figures.ratio(MOST, work, (FEWEST, OURS), "p50").median

    def refreshes(self) -> float:
        """Return the refreshes for each second of application, database and load together."""
        spent = [
            one.server + one.database + one.load
            for one in self.figures.of(self.least, "refresh", OURS)
        ]
        return 1000 / median(spent)

    def resident(self, name: str) -> float:
        """Return the memory of a worker, `idle` or `after` log-ins."""
        return median([getattr(one, name) for one in self.memory if one.contender == OURS])

    @property
    def least(self) -> int:
        """The fewest users that were measured."""
        return min(self.figures.users, default=0)


def _p50(work: str) -> Callable[[Found], float]:
    return lambda found: found.figures.median(MOST, work, OURS, "p50")


TARGETS = (
    Target(
        "`GET /users/me` against fastapi-users, 1,000 users, requests",
        *(2.0, 3.0),
        lambda found: found.against("me", "fastapi-users", "rate"),
    ),
    Target(
        "the same, processor time",
        *(2.0, 3.0),
        lambda found: found.against("me", "fastapi-users", "server"),
    ),
    Target(
        "`GET /users/me` against bare Flask on the same server, processor time",
        *(0.25, 0.40),
        lambda found: found.against("me", "bare", "server"),
    ),
    Target(
        "`GET /users/{id}` against fastapi-users, requests",
        *(1.6, 2.5),
        lambda found: found.against("user", "fastapi-users", "rate"),
    ),
    Target(
        "list of 100, first page, 1,000 users, against the plain service, p50",
        *(3, 6),
        lambda found: found.against("first", "plain", "p50", LEAST),
    ),
    Target(
        "list of 100, first page, 1,000,000 against 1,000 users, p50",
        *(1.3, 1.1),
        lambda found: found.growth("first"),
        less_is_better=True,
    ),
    Target(
        "list of 100, half way, 1,000,000 against 1,000 users, p50",
        *(1.3, 1.1),
        lambda found: found.growth("deep"),
        less_is_better=True,
    ),
    Target(
        "list of 100, first page, 1,000,000 users, against the plain service, p50",
        *(100, 250),
        lambda found: found.against("first", "plain", "p50", MOST),
    ),
    Target("search, rare word, 1,000,000 users", 10, 5, _p50("rare"), " ms", less_is_better=True),
    Target(
        "search, common word, 1,000,000 users", 25, 10, _p50("common"), " ms", less_is_better=True
    ),
    Target(
        "log-in against an endpoint that only verifies argon2",
        *(0.85, 0.97),
        lambda found: found.against("login", "argon2", "rate"),
    ),
    Target(
        "refreshes for a second of application, database and load together",
        *(120, 400),
        Found.refreshes,
        unit="",
    ),
    Target(
        "resident memory of a worker, idle",
        *(110, 90),
        lambda found: found.resident("idle"),
        " MiB",
        less_is_better=True,
    ),
    Target(
        "the same after a flood of log-ins",
        *(160, 120),
        lambda found: found.resident("after"),
        " MiB",
        less_is_better=True,
    ),
    Target(
        "start of 2 workers to the first answer",
        *(1.5, 0.8),
        lambda found: median(list(found.starts.get(OURS, []))),
        " s",
        less_is_better=True,
    ),
)
"""What the service is to reach."""


def lines(found: Found) -> list[str]:
    """Return the rows of a table: each figure, its bounds, what was found, and the verdict."""
    rows = ["| what | bound | aim | found | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        value = target.find(found)
        unit = f" {target.unit}" if target.unit == "x" else target.unit
        bounds = [f"{bound:g}{unit}" for bound in (target.at_least, target.aim)]
        measured = "-" if math.isnan(value) else f"{shown(value)}{unit}"
        rows.append(
            f"| {target.title} | {' | '.join(bounds)} | {measured} | {target.verdict(value)} |"
        )
    return rows
