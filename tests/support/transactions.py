"""Transactions on the application's session, for parts that are put together by a test."""

from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.principal import Principal
from userapi.kit.transaction import Writes


class CallersAsGiven:
    """Locks nobody: each caller is who the test says it is."""

    def lock_principal(self, principal: Principal, writes: Writes) -> Principal:
        """Return the caller as it is given."""
        del writes
        return principal


def transaction_on(session: ScopedSession) -> UnitOfWork:
    """Return the transactions of a session, for callers as they are given."""
    return UnitOfWork(session=session, callers=CallersAsGiven())
