"""Deleting many rows without making anybody wait for long."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from userapi.kit.transaction import Transaction

BATCH_SIZE = 1000
"""How many rows are deleted in one transaction."""

T = TypeVar("T")

Report = Callable[[int], None]
"""A function that is told after each batch how many rows it had."""


def unreported(_: int) -> None:
    """Tell nobody; a `Report`."""


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield parts of so many of the items, the last one perhaps shorter."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def purge_in_batches(
    transaction: Transaction, delete: Callable[[int], int], report: Report = unreported
) -> int:
    """Call `delete` with a limit until it finds nothing, each time in a transaction of its own.

    It deletes at most that many rows and returns how many; returned is how many there were.
    """
    total = 0
    while True:
        with transaction as tx:
            deleted = delete(BATCH_SIZE)
            tx.commit()
        if deleted == 0:
            return total
        report(deleted)
        total += deleted
