"""What a scenario is, and what most of them do."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.cluster.crowd import crowd, standstill
from benchmarks.cluster.installation import Installation
from benchmarks.cluster.reading import Reader
from benchmarks.faults.asking import Answer
from benchmarks.faults.case import Findings, Seen
from benchmarks.faults.storm import Storm

CALM_SECONDS = 4.0
DOWN_SECONDS = 5.0
RECOVERY_SECONDS = 5.0
RESUME_SECONDS = 10.0
NORMS = "N1 to N5 at 0"


@dataclass(frozen=True)
class Scenario:
    """Something that is done to the installation under load, and what is demanded."""

    name: str
    what: str
    demand: str
    run: Callable[[Installation], Seen]


@dataclass
class Load:
    """Clients at work at all servers, and one who reads lists; what is found of them."""

    clients: Storm
    reader: Reader
    found: Findings = field(default_factory=Findings)

    def demand_changes(self, since: float, limit: float) -> None:
        """Demand that changes have not stood still for longer after something happened."""
        demand_changes(self.found, "changes", self.clients.answers(), since, limit)

    def demand_recovery(self, since: float, limit: float = RECOVERY_SECONDS) -> None:
        """Demand that a change is made again soon after what was away is back."""
        self.found.within("recovered", self.clients.recovery(since), limit)


def demand_changes(
    found: Findings, what: str, answers: Sequence[Answer], since: float, limit: float
) -> None:
    """Demand of some answers that changes have not stood still for longer."""
    seconds = standstill(answers, since, time.monotonic())
    told = f"{what} stood still for {seconds:.1f} s"
    found.tell(told)
    if seconds > limit:
        found.late.append(told)


@contextlib.contextmanager
def load(place: Installation, name: str, *, may_lose: int = 0) -> Iterator[Load]:
    """Have an installation under load until the block ends, and judge what came of it."""
    with crowd(place.urls, place.ledger(name)) as clients, Reader(clients.world) as reader:
        under = Load(clients, reader)
        time.sleep(CALM_SECONDS)
        yield under
        time.sleep(CALM_SECONDS)
    norms = clients.judge(place.judged_url, may_lose=may_lose)
    under.found.judge(norms)
    against = sum(map(len, norms.found.values()))
    under.found.tell(f"{norms.acknowledged:,} changes acknowledged, {against} against N1 to N5")
    demand = under.found.demand
    demand(f"own changes unseen in {reader.unseen} of {reader.own} lists", holds=not reader.unseen)
    demand(f"ended sessions let in: {reader.let_in}", holds=not reader.let_in)
