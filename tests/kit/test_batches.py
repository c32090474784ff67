from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import pytest

from userapi.kit.batches import BATCH_SIZE, purge_in_batches

if TYPE_CHECKING:
    from userapi.kit.transaction import Transaction


class Transactions:
    """Tells of each transaction how many rows were deleted in it, and whether it was committed."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.committed: list[int] = []
        self._deleted: list[int] = []

    def __enter__(self) -> Self:
        self._deleted = []
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def commit(self) -> None:
        self.committed.append(sum(self._deleted))

    def delete(self, limit: int) -> int:
        deleted = min(limit, self.rows)
        self.rows -= deleted
        self._deleted.append(deleted)
        return deleted


@pytest.mark.parametrize(
    ("rows", "batches"),
    [
        (0, [0]),
        (1, [1, 0]),
        (BATCH_SIZE, [BATCH_SIZE, 0]),
        (2 * BATCH_SIZE + 1, [BATCH_SIZE, BATCH_SIZE, 1, 0]),
    ],
)
def test_each_batch_is_a_transaction_of_its_own(rows: int, batches: list[int]) -> None:
    transactions = Transactions(rows)

    assert purge_in_batches(cast("Transaction", transactions), transactions.delete) == rows
    assert transactions.committed == batches
