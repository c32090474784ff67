"""The transaction of one use case, on the request's session."""

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
        """Make the changes durable."""
        session = self._session()
        session.commit()
        session.seal_transaction()
