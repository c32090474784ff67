"""The boundary of one use case, as the services see it."""

from types import TracebackType
from typing import Protocol, Self


class Transaction(Protocol):
    """One use case is one transaction: enter, do the work, `commit`.

    Leaving the block without `commit` rolls everything back. Entering a second one inside
    raises `RuntimeError`: a use case never calls another.
    """

    def __enter__(self) -> Self:
        """Open the transaction; nothing that was read before stays attached."""
        ...

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back unless `commit` was called."""
        ...

    def commit(self) -> None:
        """Make the changes durable."""
        ...
