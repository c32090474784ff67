"""Deleting many rows without making anybody wait for long."""

from collections.abc import Callable

from userapi.kit.transaction import Transaction

BATCH_SIZE = 1000
"""How many rows are deleted in one transaction."""

Report = Callable[[int], None]
"""A function that is told after each batch how many rows it had."""


def unreported(_: int) -> None:
    """Tell nobody; a `Report`."""


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
