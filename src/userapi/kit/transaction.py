"""The boundary of one use case, as the services see it."""

from contextlib import AbstractContextManager
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

    def hold(self) -> AbstractContextManager[Self]:
        """Hold back the commit of the use case inside it, so that more is committed with it.

            with transaction.hold() as tx:
                use_case()      # its commit is held
                tx.join()       # its transaction goes on; a new one where it has none
                ...             # write what belongs to it
                tx.commit()     # both, or neither

        Leaving the block without `commit` rolls everything back. Raises `RuntimeError` inside a
        transaction.
        """
        ...

    def join(self) -> None:
        """Go on in the transaction whose commit is held, or in a new one."""
        ...
