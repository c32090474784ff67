"""The transaction of one use case, and what is committed with it, on the request's session."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from userapi.db.session import ScopedSession
from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded
from userapi.kit.principal import Principal
from userapi.kit.transaction import READS_CALLER, PrincipalLock, Writes


class UnitOfWork:
    """Implements `kit.transaction.Transaction`.

    One object serves every thread: what is open is remembered on the session.
    """

    def __init__(self, *, session: ScopedSession, callers: PrincipalLock, clock: Clock) -> None:
        self._session = session
        self._callers = callers
        self._clock = clock

    @contextmanager
    def of(
        self, principal: Principal, writes: Writes = READS_CALLER
    ) -> Iterator["AuthorizedUnitOfWork"]:
        """Begin for a caller, locked and checked again; raise `SessionEnded`."""
        with self:
            present = self._callers.lock_principal(principal, writes, self._clock())
            if present is None:
                raise SessionEnded
            yield AuthorizedUnitOfWork(principal=present, transaction=self)

    def __enter__(self) -> Self:
        """Begin; raise `RuntimeError` inside another transaction."""
        self._session().open_transaction()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back what was not committed."""
        self._session().close_transaction()

    def commit(self) -> None:
        """Make the changes durable, unless a `JointUnitOfWork` holds them back."""
        session = self._session()
        if session.commit_is_held:
            session.hold_transaction()
        else:
            session.commit()
            session.seal_transaction()


@dataclass(frozen=True, slots=True)
class AuthorizedUnitOfWork:
    """Implements `kit.transaction.AuthorizedTransaction`; each use case has its own."""

    principal: Principal
    transaction: UnitOfWork

    def commit(self) -> None:
        """Make the changes durable, unless a `JointUnitOfWork` holds them back."""
        self.transaction.commit()


class JointUnitOfWork:
    """Implements `kit.transaction.JointTransaction`."""

    def __init__(self, *, session: ScopedSession) -> None:
        self._session = session

    def __enter__(self) -> Self:
        """Hold the next commit; raise `RuntimeError` inside a transaction."""
        self._session().hold_commit()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back what was not committed."""
        self._session().close_held_transaction()

    def join(self) -> None:
        """Go on in the transaction whose commit is held, or in a new one."""
        self._session().join_held_transaction()

    def commit(self) -> None:
        """Make the changes durable."""
        session = self._session()
        session.commit()
        session.seal_transaction()
