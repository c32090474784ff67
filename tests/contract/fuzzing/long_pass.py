"""Many runs, for every database and every caller, until enough cases were tried."""

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from contract.fuzzing.callers import Caller
from contract.fuzzing.report import Tally
from contract.fuzzing.run import Outcome
from contract.fuzzing.settings import Effort

DATABASES = ("sqlite", "postgresql")
_AT_ONCE = 2  # each run keeps one core busy with making up cases
# A run has so many cases whatever is asked for, and about so many more for each example.
_FIXED_CASES, _CASES_PER_EXAMPLE = 1900, 70
_FEWEST_EXAMPLES, _MOST_EXAMPLES = 5, 150
_SEEDS_APART = 1000


@dataclass(frozen=True)
class Combination:
    """A database and a caller."""

    database: str
    caller: Caller

    def __str__(self) -> str:
        return f"{self.database}/{self.caller}"


COMBINATIONS = tuple(Combination(database, caller) for database in DATABASES for caller in Caller)

Run = Callable[[Combination, Effort], Outcome]


def effort_for(cases: int, seed: int) -> Effort:
    """Return the effort that makes about so many cases, but never a run that is endless."""
    examples = (cases - _FIXED_CASES) // _CASES_PER_EXAMPLE
    examples = min(max(examples, _FEWEST_EXAMPLES), _MOST_EXAMPLES)
    return Effort(seed=seed, examples=examples, walks=examples)


@dataclass
class Job:
    """The rounds of one combination; the next one has the seed `seed`."""

    combination: Combination
    share: int
    seed: int
    rounds: int = 0
    tally: Tally = field(default_factory=Tally)
    operations: str = "-"
    declared_links: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether its share is reached, or another round would only find the same faults."""
        return bool(self.faults) or self.tally.cases.total() >= self.share

    def play(self, run: Run) -> str:
        """Play one round; return what is to be printed of it."""
        wanted, seed, began = self.share - self.tally.cases.total(), self.seed, time.monotonic()
        self.seed += 1
        self.rounds += 1
        try:
            outcome = run(self.combination, effort_for(wanted, seed))
        except Exception:  # noqa: BLE001 - whatever it is, the other combinations go on
            outcome = Outcome(None, ["the run broke off"], traceback.format_exc())
        cases = self._count(outcome)
        line = f"{self.combination} seed {seed}: {cases} cases in {time.monotonic() - began:.0f} s"
        if not outcome.faults:
            return line
        repeat = f"tools/fuzz-contract --only {self.combination} --seed {seed} --cases {wanted}"
        return f"{line}: FAILED\n{outcome.explanation()}\n\nTo repeat it: {repeat}\n"

    def _count(self, outcome: Outcome) -> int:
        self.faults += outcome.faults
        if outcome.report is None:
            return 0
        self.tally.add(outcome.report.tally)
        self.operations = "{tested}/{total}".format(**outcome.report.summary["operations"])
        self.declared_links = outcome.report.declared_links
        return outcome.report.tally.cases.total()


def jobs_for(combinations: list[Combination], cases: int, seed: int) -> list[Job]:
    """Share out the cases; a combination on its own starts at `seed` itself."""
    share = -(-cases // len(combinations))
    return [
        Job(combination, share, seed + number * _SEEDS_APART)
        for number, combination in enumerate(combinations)
    ]


def play_all(
    jobs: list[Job], run: Run, stopped: threading.Event, show: Callable[[str], None]
) -> None:
    """Play rounds until every job is done, or `stopped` is set."""
    waiting = deque(jobs)

    def work() -> None:
        while waiting and not stopped.is_set():
            job = waiting.popleft()
            said = job.play(run)
            if stopped.is_set():
                return
            show(said)
            if not job.is_done:
                waiting.append(job)

    with ThreadPoolExecutor(_AT_ONCE) as workers:
        works = [workers.submit(work) for _ in range(_AT_ONCE)]
        try:
            for each in works:
                each.result()
        except BaseException:
            stopped.set()
            raise


def table(jobs: list[Job]) -> Iterator[str]:
    """Yield the lines of the final table."""
    form = "{:<22}{:>7}{:>10}{:>12}{:>12}{:>9}{:>10}"
    yield form.format("", "rounds", "cases", "operations", "checks", "links", "failures")
    for job in jobs:
        links = f"{len(job.tally.links)}/{job.declared_links}"
        counts = f"{job.tally.cases.total():,}", job.operations, f"{job.tally.checks.total():,}"
        yield form.format(str(job.combination), job.rounds, *counts, links, len(job.faults))
    total = Tally()
    for job in jobs:
        total.add(job.tally)
    rounds, faults = sum(job.rounds for job in jobs), sum(len(job.faults) for job in jobs)
    counts = f"{total.cases.total():,}", "", f"{total.checks.total():,}"
    yield form.format("total", rounds, *counts, "", faults)
    yield ""
    yield from (f"{phase:<32}{cases:>12,} cases" for phase, cases in total.cases.most_common())
    yield from (f"{check:<32}{times:>12,} times" for check, times in sorted(total.checks.items()))
