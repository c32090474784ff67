"""Every unsafe operation with a caller has no effect once that caller's rights have ended.

They end right after the caller was let in: later than any check at the edge can see.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contract.declared import named
from contract.test_audit import GUARDED, Send, call, caller_of, headers
from support.accounts import Headers
from support.answers import verdict
from support.rows import NOON, set_columns, set_session_columns
from userapi.authentication.service import BearerAuthenticator
from userapi.db.base import Base
from userapi.kit.clock import utc_now
from userapi.kit.principal import Principal, Role
from userapi.testing.contract import Kind

pytestmark = pytest.mark.any_database

__all__ = ["call", "headers"]

End = Callable[[Session, int], None]

ENDS: dict[str, End] = {
    "revocation": lambda session, user_id: set_session_columns(session, user_id, revoked_at=NOON),
    "expiry": lambda session, user_id: set_session_columns(session, user_id, expires_at=utc_now()),
    "deactivation": lambda session, user_id: set_columns(session, user_id, is_active=False),
    "deletion": lambda session, user_id: set_columns(session, user_id, deleted_at=NOON),
}
KEYED = [name for name in named(Kind.CREATE, Kind.BATCH) if name in GUARDED]
FOR_ADMINS = [name for name in GUARDED if caller_of(name) == "admin"]

Tables = dict[str, list[tuple[Any, ...]]]


def tables(session: Session) -> Tables:
    """Return all rows that there are; leaves no savepoint open."""
    found = {
        table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }
    session.rollback()
    return found


class Ending:
    """Ends the rights of each caller who is let in, and remembers the rows as they are then."""

    def __init__(self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = app
        self._session = session
        self._monkeypatch = monkeypatch
        self.before: Tables = {}

    def arrange(self, end: End) -> None:
        authenticate = BearerAuthenticator.authenticate

        def let_in_and_end(*args: Any) -> Principal:
            principal = authenticate(*args)
            # Both sessions share a connection: its savepoints must not cross.
            self._app.extensions["sqlalchemy"].session.close()
            end(self._session, principal.user_id)
            self.before = tables(self._session)
            return principal

        self._monkeypatch.setattr(BearerAuthenticator, "authenticate", let_in_and_end)

    def rows(self) -> Tables:
        """Return the rows as they are now."""
        return tables(self._session)


@pytest.fixture
def ending(app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch) -> Ending:
    """What ends rights between the edge and the effect."""
    return Ending(app, db_session, monkeypatch)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", GUARDED)
def test_a_caller_who_is_gone_has_no_effect(
    call: Send, ending: Ending, name: str, end: str
) -> None:
    ending.arrange(ENDS[end])

    answer = call(name)

    assert verdict(answer) == (401, "session-ended")
    assert ending.rows() == ending.before


@pytest.mark.parametrize("name", FOR_ADMINS)
def test_an_admin_who_is_demoted_has_no_effect(call: Send, ending: Ending, name: str) -> None:
    ending.arrange(lambda session, user_id: set_columns(session, user_id, role=Role.USER))

    answer = call(name)

    assert verdict(answer) == (403, "not-allowed")
    assert ending.rows() == ending.before


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", KEYED)
def test_a_keyed_request_of_a_caller_who_is_gone_keeps_nothing(
    call: Send, headers: dict[str, Headers], ending: Ending, name: str, end: str
) -> None:
    ending.arrange(ENDS[end])

    answer = call(name, headers={**headers[caller_of(name)], "Idempotency-Key": "the-key"})

    assert verdict(answer) == (401, "session-ended")
    assert ending.rows() == ending.before
