"""The session: autocommit reads, guarded writes.

Outside a transaction a statement runs in autocommit, and every write or lock is refused. That is
decided by the engine that a session picks for a statement, never by changing a connection's
options. Reads of columns there need no session: nothing is asked of their connection before it is
used; one that died is replaced, and the statement sent once more, for to read twice does no harm.

Here the state of the transaction is only read; `db.unit_of_work` changes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import flask_sqlalchemy.session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import ORMExecuteState, scoped_session
from sqlalchemy.orm import Session as BaseSession

from userapi.db.base import Base
from userapi.db.driver_reads import AutocommitRead, autocommit_reader
from userapi.db.engine import configure_engine, reading, seeing_one_moment, transacting
from userapi.db.unit_of_work import State, needs_transaction, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Flask
    from sqlalchemy import Insert
    from sqlalchemy.sql.base import Executable

    from userapi.db.postgresql import Connector
    from userapi.db.replicas import ReadReplica
    from userapi.db.rows import AnyRow

_READING_ENGINE = "userapi_reading_engine"
_MOMENT_ENGINE = "userapi_moment_engine"


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
        state = state_of(self)
        if state.may_write or state is State.HELD or not isinstance(chosen, Engine):
            return chosen
        # Always the same object: a session keeps one connection for each engine.
        name = _MOMENT_ENGINE if state is State.READING else _READING_ENGINE
        engine: Engine = self.info[name]
        return engine


class ScopedSession(scoped_session[Session]):
    """The session of the application context, and reads that need none."""

    def __init__(
        self,
        session_factory: Any,
        scope: Callable[[], Any],
        *,
        bind: Callable[[], Engine | Connection],
        read: AutocommitRead,
    ) -> None:
        super().__init__(session_factory, scope)
        self._bind = bind
        self._read_in_autocommit = read

    def read(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[AnyRow]:
        """Return the rows of a select of columns: within the transaction where one is open."""
        if self.registry.has():
            session = self.registry()
            if state_of(session).is_open:
                if needs_transaction(statement):
                    _ensure_may_write(session)
                return session.connection().execute(statement, parameters).all()
        return self._read_in_autocommit(self._bind(), statement, parameters or {})

    @property
    def dialect_name(self) -> str:
        """What SQLAlchemy calls the database; no session is made to tell."""
        return self._bind().dialect.name

    def write(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        """Change rows within the open transaction; return what the statement returns of them.

        No entity of theirs may be loaded: it would not be told.
        """
        session = self.registry()
        _ensure_may_write(session)
        return session.connection().execute(statement, parameters).all()

    def insert(self, statement: Insert, values: Mapping[str, Any]) -> Sequence[Any]:
        """Insert a row within the open transaction; return its primary key."""
        session = self.registry()
        _ensure_may_write(session)
        return session.connection().execute(statement, values).inserted_primary_key or ()


class Database(NamedTuple):
    """An application's session, scoped to the application context, its engine, and a replica."""

    session: ScopedSession
    engine: Engine
    replica: ReadReplica | None = None


def init_database(app: Flask, connector: Connector, replica: ReadReplica | None = None) -> Database:
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
        made_engine = extension.engine
        configure_engine(made_engine, connector)
        # Whoever asks for an engine has transactions on it.
        engine = transacting(made_engine)
        extension.engines[None] = engine  # type: ignore[index] # it is a dict
    reading_engine = info[_READING_ENGINE] = reading(engine)
    info[_MOMENT_ENGINE] = seeing_one_moment(engine)

    def bind() -> Engine | Connection:
        # Another one only where a connection of the caller's was handed in, as tests do.
        chosen = extension.engine
        return reading_engine if chosen is engine else chosen

    made = extension.session
    session = ScopedSession(
        made.session_factory,
        made.registry.scopefunc,
        bind=bind if replica is None else replica.or_else(bind),
        read=autocommit_reader(engine),
    )
    extension.session = session  # type: ignore[assignment] # the library names its own class
    event.listen(session.session_factory, "do_orm_execute", _refuse_stray_statement)
    event.listen(session.session_factory, "before_flush", _refuse_stray_flush)
    return Database(session, engine, replica)


def _refuse_stray_statement(state: ORMExecuteState) -> None:
    if needs_transaction(state.statement) or not state.is_select:
        _ensure_may_write(state.session)


def _refuse_stray_flush(session: BaseSession, *_: Any) -> None:
    _ensure_may_write(session)


def _ensure_may_write(session: BaseSession) -> None:
    if not state_of(session).may_write:
        message = "writes and locks need an open transaction"
        raise RuntimeError(message)
