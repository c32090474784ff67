"""Memory of a worker, idle and after a flood of log-ins, and how long a start takes."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks.speed.asking import Asking
from benchmarks.speed.load import ask
from benchmarks.speed.processes import resident_mebibytes, workers_of

_FLOODING = 16
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Memory:
    """Resident memory of a contender's worker in MiB, and what came of the flood."""

    contender: str
    idle: float
    after: float
    answered: int
    refused: int


def memory_of(name: str, server: int, asking: Asking, seconds: float) -> Memory:
    """Measure a server before and after so many seconds of log-ins on 16 connections."""
    load = asking.flood(_FLOODING)
    # At rest, as soon as it has answered.
    time.sleep(_SETTLE_SECONDS)
    idle = _largest(server)
    answers = ask(load, seconds)
    time.sleep(_SETTLE_SECONDS)
    return Memory(name, idle, _largest(server), len(answers.times), answers.failures)


def _largest(server: int) -> float:
    return max(resident_mebibytes(worker) for worker in workers_of(server))


def start_of(serving: AbstractContextManager[int]) -> float:
    """Return how many seconds it takes from the command to the first answer."""
    began = time.perf_counter()
    with serving:
        return time.perf_counter() - began
