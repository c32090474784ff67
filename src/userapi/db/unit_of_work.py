"""The transaction of one use case, and what is committed with it, on the request's session."""

from types import TracebackType
from typing import Self

from userapi.db.session import ScopedSession


class UnitOfWork:
    """Implements `kit.transaction.Transaction`.

    One object serves every thread: what is open is remembered on the session.
    """

    def __init__(self, *, session: ScopedSession) -> None:
        self._session = session

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
