"""The boundary of one use case, as the services see it."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from userapi.kit.principal import Principal


@dataclass(frozen=True, slots=True)
class Writes:
    """What a use case is going to write of what is locked for its caller.

    The users with these ids; `admins`, when the last active admin could go; `session`, when the
    caller's session is written. It has to be told beforehand: who shares a row with others, and
    writes it then, waits for those who do the same.
    """

    users: Collection[int] = ()
    admins: bool = False
    session: bool = False


READS_CALLER = Writes()
"""Nothing of the caller is written: its requests do not wait for one another."""


class AuthorizedTransaction(Protocol):
    """A transaction of a caller whose credential is locked, and was alive when it was."""

    @property
    def principal(self) -> Principal:
        """The caller as it is now, and stays until the transaction ends."""
        ...

    def commit(self) -> None:
        """Make the changes durable."""
        ...


class PrincipalLock(Protocol):
    """Locks callers, within a transaction."""

    def lock_principal(self, principal: Principal, writes: Writes) -> Principal | None:
        """Return the caller as it is now, locked; None when it may do nothing any more.

        The users come first, in the order of their ids, then the session: everybody who locks
        several of them keeps that order.
        """
        ...


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

    def of(
        self, principal: Principal, writes: Writes = READS_CALLER
    ) -> AbstractContextManager[AuthorizedTransaction]:
        """Open the transaction for a caller, who is locked and checked again.

        What ended its session, or changed its role, came before and counts, or waits until this
        transaction is over. Raises `SessionEnded`.
        """
        ...

    def in_passing(self) -> AbstractContextManager[Self]:
        """Open a transaction for what nobody has to wait for.

        Where it would have to wait for another, or the database fails, it is left undone.
        """
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Open a transaction that only reads: all of it is as it was at one moment.

        It keeps nobody who writes waiting, and locks no caller.
        """
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
