"""The session: autocommit reads, guarded writes.

Outside a transaction (`db.unit_of_work`) a statement runs in autocommit, and every write
or lock is refused. That is decided by the engine that a session picks for a statement,
never by changing a connection's options.
"""

from typing import Any, NamedTuple, cast

import flask_sqlalchemy.session
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import ORMExecuteState, scoped_session
from sqlalchemy.orm import Session as BaseSession

from userapi.db.base import Base
from userapi.db.engine import configure_engine, reading

_READING_ENGINE = "userapi_reading_engine"
_STATE = "userapi_transaction"
_HOLDS_COMMIT = "userapi_holds_commit"
_OPEN = "open"
_HELD = "held"
_DONE = "done"


class Session(flask_sqlalchemy.session.Session):
    """A session that reads in autocommit and writes only inside a transaction."""

    def get_bind(
        self,
        mapper: Any | None = None,
        clause: Any | None = None,
        bind: Engine | Connection | None = None,
        **kwargs: Any,
    ) -> Engine | Connection:
        """Pick the engine: as it is in a transaction, in autocommit otherwise."""
        chosen = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)
        if self.transaction_is_open or not isinstance(chosen, Engine):
            return chosen
        # Always the same object: a session keeps one connection for each engine.
        reading_engine: Engine = self.info[_READING_ENGINE]
        return reading_engine

    @property
    def transaction_is_open(self) -> bool:
        """Whether a transaction has begun and was not yet committed."""
        return self.info.get(_STATE) in (_OPEN, _HELD)

    @property
    def may_write(self) -> bool:
        """Whether a transaction has begun, and its commit was not called yet."""
        return self.info.get(_STATE) == _OPEN

    def open_transaction(self) -> None:
        """Begin a transaction; raise `RuntimeError` inside another."""
        self._refuse_second_transaction(_STATE)
        self.close()
        self.info[_STATE] = _OPEN

    def seal_transaction(self) -> None:
        """Note that the transaction was committed: from then on this block may only read."""
        self.info[_STATE] = _DONE

    @property
    def commit_is_held(self) -> bool:
        """Whether the next commit is held back."""
        return _HOLDS_COMMIT in self.info

    def hold_transaction(self) -> None:
        """Send what is to be committed, and leave the transaction open to be joined."""
        self.flush()
        self.info[_STATE] = _HELD

    def close_transaction(self) -> None:
        """Leave the transaction; what was not committed is rolled back, unless it is held."""
        if self.info.get(_STATE) == _HELD:
            return
        try:
            if self.transaction_is_open:
                self.rollback()
        finally:
            self.info.pop(_STATE, None)

    def hold_commit(self) -> None:
        """Hold back the commit of the next transaction; raise `RuntimeError` inside one."""
        self._refuse_second_transaction(_STATE, _HOLDS_COMMIT)
        self.info[_HOLDS_COMMIT] = True

    def join_held_transaction(self) -> None:
        """Go on in the transaction whose commit is held; begin one where there is none."""
        del self.info[_HOLDS_COMMIT]
        if self.info.get(_STATE) == _HELD:
            self.expunge_all()
            self.info[_STATE] = _OPEN
        else:
            self.open_transaction()

    def close_held_transaction(self) -> None:
        """Leave the transaction that was joined, or is held still."""
        self.info.pop(_HOLDS_COMMIT, None)
        if self.info.get(_STATE) == _HELD:
            self.info[_STATE] = _OPEN
        self.close_transaction()

    def _refuse_second_transaction(self, *signs: str) -> None:
        if any(sign in self.info for sign in signs):
            message = "a transaction is open already: one use case is one transaction"
            raise RuntimeError(message)


ScopedSession = scoped_session[Session]


class Database(NamedTuple):
    """An application's session, scoped to the application context, and its engine."""

    session: ScopedSession
    engine: Engine


def init_database(app: Flask) -> Database:
    """Give `app` its engine and its session; no connection is made yet."""
    info: dict[str, Any] = {}
    extension = SQLAlchemy(
        metadata=Base.metadata,
        session_options={
            "class_": Session,
            "autoflush": False,
            "expire_on_commit": False,
            "info": info,
            # Matters only where a connection of the caller's is handed in, as tests do.
            "join_transaction_mode": "create_savepoint",
        },
    )
    extension.init_app(app)
    with app.app_context():
        engine = extension.engine
    configure_engine(engine)
    info[_READING_ENGINE] = reading(engine)
    session = cast("ScopedSession", extension.session)
    event.listen(session.session_factory, "do_orm_execute", _refuse_stray_statement)
    event.listen(session.session_factory, "before_flush", _refuse_stray_flush)
    return Database(session=session, engine=engine)


def _refuse_stray_statement(state: ORMExecuteState) -> None:
    session = state.session
    if isinstance(session, Session) and session.may_write:
        return
    locks = getattr(state.statement, "_for_update_arg", None) is not None
    if locks or not state.is_select:
        message = "writes and locks need an open transaction"
        raise RuntimeError(message)


def _refuse_stray_flush(session: BaseSession, *_: Any) -> None:
    if isinstance(session, Session) and not session.may_write:
        message = "writes and locks need an open transaction"
        raise RuntimeError(message)
