"""Clients of several servers, as a load balancer before them would spread what they ask."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.journeys import World
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.storm import Storm

CLIENTS = 8
RATE = 40.0
CHANGES = {"edit", "post", "register"}
_REFUSED = "ConnectionRefusedError"


class Spreader(Asker):
    """Asks one server after the other; where a connection is refused, the next one at once."""

    def __init__(self, servers: Mapping[str, Answers], answers: Answers, first: int = 0) -> None:
        self._all = answers
        self._servers = [(Asker(url, Answers()), kept) for url, kept in servers.items()]
        self._turns = itertools.cycle(self._servers[first:] + self._servers[:first])

    def ask(self, request: Request) -> Answer:
        """Ask once; what came is kept with what is known of its server, too."""
        for _ in self._servers:
            asker, kept = next(self._turns)
            answer = asker.ask(request)
            if answer.error != _REFUSED:
                break
        kept.add(answer)
        self._all.add(answer)
        return answer

    def close(self) -> None:
        """Give up all connections."""
        for asker, _ in self._servers:
            asker.close()


@dataclass(frozen=True)
class Wide(World):
    """What clients of several servers share; `servers` has what came from each."""

    servers: Mapping[str, Answers] = field(default_factory=dict)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def asker(self, answers: Answers | None = None) -> Spreader:
        """Return what asks all servers in turn; each next one begins with another."""
        kept = self.answers if answers is None else answers
        first = next(self._count) % len(self.servers)
        return Spreader(self.servers, kept, first)


@contextlib.contextmanager
def crowd(urls: Sequence[str], ledger: Path) -> Iterator[Storm]:
    """Have clients at work at these servers until the block ends."""
    servers = {url: Answers() for url in urls}
    world = Wide(urls[0], Ledger(ledger), Answers(), CLIENTS / RATE, servers=servers)
    clients = Storm(world, CLIENTS)
    clients.begin()
    try:
        yield clients
    finally:
        clients.end()


def standstill(answers: Sequence[Answer], since: float, until: float) -> float:
    """Return for how long no change was made, at most, in that time."""
    made = (
        answer.at + answer.seconds
        for answer in answers
        if answer.is_success and answer.operation in CHANGES
    )
    times = [since, *sorted(each for each in made if since < each < until), until]
    return max(after - before for before, after in itertools.pairwise(times))
