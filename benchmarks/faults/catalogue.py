"""The list of cases, in the order in which they are run."""

from benchmarks.faults.case import Case
from benchmarks.faults.cases import (
    clocks,
    copies,
    databases,
    disks,
    elsewhere,
    mails,
    networks,
    pools,
    processes,
    races,
    shapes,
    soak,
)

CASES: tuple[Case, ...] = tuple(
    sorted(
        (
            *processes.CASES,
            *databases.CASES,
            *pools.CASES,
            *shapes.CASES,
            *disks.CASES,
            *races.CASES,
            *clocks.CASES,
            *mails.CASES,
            *copies.CASES,
            *elsewhere.CASES,
            *networks.CASES,
        ),
        key=lambda case: (int(case.name.strip("Fb")), case.name),
    )
)


SOAK = soak.SOAK
"""The one that takes an hour, by itself."""


def case_named(name: str) -> Case:
    """Return the case of that name."""
    return next(case for case in (*CASES, SOAK) if case.name == name)
