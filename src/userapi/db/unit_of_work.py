"""The transaction of a use case, and the one place where its state changes.

    IDLE ── enter ──▶ OPEN ── commit ──▶ COMMITTED ── leave ──▶ IDLE
                       └─── leave: rolled back ───────────────▶ IDLE
    IDLE ── reading ──▶ READING ── leave ─────────────────────▶ IDLE

While a commit is held, so that more is committed with it, the use case's transaction is INNER:

    IDLE ── hold ──▶ EXPECTING ── enter ──▶ INNER ── commit: flushed ──▶ HELD
                        ▲                     └─ leave: rolled back ─▶ EXPECTING
    EXPECTING ── join: a new one ──▶ OPEN ◀── join: the same one ── HELD

Leaving the block that holds rolls back what is not COMMITTED, and ends in IDLE. Every other step
raises `RuntimeError`. In OPEN and INNER the session may write; in HELD it reads what is to be
committed, in READING what there was at one moment; in the other states each read is a transaction
of its own (`db.session`), in autocommit.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, Self

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable

from userapi.db.engine import STORE_FAILURES
from userapi.db.postgresql import DeadlineExceeded
from userapi.db.rows import AnyRow
from userapi.db.waiting import IMPATIENT, at_most
from userapi.kit.errors import SessionEnded, summary_of
from userapi.kit.principal import Principal
from userapi.kit.transaction import READS_CALLER, PrincipalLock, Writes

_PASSING_SECONDS = 0.25
_log = logging.getLogger(__name__)
_STATE = "userapi_transaction"
_SECOND = "a transaction is open already: one use case is one transaction"


class State(Enum):
    """Where a session is in the diagram above."""

    IDLE = "idle"
    OPEN = "open"
    COMMITTED = "committed"
    EXPECTING = "expecting"
    INNER = "inner"
    HELD = "held"
    READING = "reading"

    @property
    def is_open(self) -> bool:
        """Whether a transaction has begun that was neither committed nor rolled back."""
        return self in (State.OPEN, State.INNER, State.HELD, State.READING)

    @property
    def may_write(self) -> bool:
        """Whether the transaction goes on: its commit was not called yet."""
        return self in (State.OPEN, State.INNER)


_ENTER = {State.IDLE: State.OPEN, State.EXPECTING: State.INNER}
_COMMIT = {State.OPEN: State.COMMITTED, State.INNER: State.HELD}
_LEAVE = {
    State.OPEN: State.IDLE,
    State.COMMITTED: State.IDLE,
    State.INNER: State.EXPECTING,
    State.HELD: State.HELD,
}
_READ = {State.IDLE: State.READING}
_HOLD = {State.IDLE: State.EXPECTING}
_JOIN = {State.EXPECTING: State.OPEN, State.HELD: State.OPEN}


def state_of(session: Session) -> State:
    """Return where a session is."""
    state: State = session.info.get(_STATE, State.IDLE)
    return state


class UnitOfWork:
    """Implements `kit.transaction.Transaction`.

    One object serves every thread: what is open is remembered on the session.
    """

    def __init__(self, *, session: Callable[[], Session], callers: PrincipalLock) -> None:
        self._session = session
        self._callers = callers

    @contextmanager
    def of(
        self, principal: Principal, writes: Writes = READS_CALLER
    ) -> Iterator["AuthorizedUnitOfWork"]:
        """Begin for a caller, locked and checked again; raise `SessionEnded`."""
        with self:
            present = self._callers.lock_principal(principal, writes)
            if present is None:
                raise SessionEnded
            yield AuthorizedUnitOfWork(principal=present, transaction=self)

    def __enter__(self) -> Self:
        """Begin; raise `RuntimeError` inside another transaction."""
        session = self._session()
        state = _next(session, _ENTER, _SECOND)
        session.close()
        session.info[_STATE] = state
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Roll back what was not committed; what is held stays."""
        session = self._session()
        state = state_of(session)
        try:
            if state.may_write:
                session.rollback()
        finally:
            session.info[_STATE] = _LEAVE[state]

    def commit(self) -> None:
        """Make the changes durable, unless `hold` holds them back."""
        session = self._session()
        state = _next(session, _COMMIT, "there is no transaction to commit")
        if state is State.HELD:
            session.flush()
        else:
            session.commit()
        session.info[_STATE] = state

    @contextmanager
    def in_passing(self) -> Iterator[Self]:
        """Begin what nobody has to wait for: where it cannot be done at once, it is left undone."""
        token = IMPATIENT.set(True)
        try:
            with at_most(_PASSING_SECONDS), self:
                yield self
        except STORE_FAILURES as error:
            _log.info("something was left undone: %s", summary_of(error))
        finally:
            IMPATIENT.reset(token)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read everything as it is at one moment; nobody who writes waits for that."""
        session = self._session()
        state = _next(session, _READ, _SECOND)
        session.close()
        session.info[_STATE] = state
        try:
            yield
        finally:
            try:
                session.rollback()
            finally:
                session.info[_STATE] = State.IDLE

    @contextmanager
    def hold(self) -> Iterator[Self]:
        """Hold the next commit; raise `RuntimeError` inside a transaction."""
        session = self._session()
        session.info[_STATE] = _next(session, _HOLD, _SECOND)
        try:
            yield self
        finally:
            try:
                if state_of(session).is_open:
                    session.rollback()
            finally:
                session.info[_STATE] = State.IDLE

    def join(self) -> None:
        """Go on in the transaction whose commit is held, or in a new one."""
        session = self._session()
        state = _next(session, _JOIN, "there is no held commit to join")
        if state_of(session) is State.HELD:
            session.expunge_all()
        else:
            session.close()
        session.info[_STATE] = state


@dataclass(frozen=True, slots=True)
class AuthorizedUnitOfWork:
    """Implements `kit.transaction.AuthorizedTransaction`; each use case has its own."""

    principal: Principal
    transaction: UnitOfWork

    def commit(self) -> None:
        """Make the changes durable, unless `UnitOfWork.hold` holds them back."""
        self.transaction.commit()


def read_in_autocommit(
    bind: Engine | Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return the rows of a select, on a connection of an engine or on the one that is given.

    Raises `RuntimeError` for one that writes, or takes a lock, which would be gone at once.
    """
    if needs_transaction(statement):
        message = "writes and locks need an open transaction"
        raise RuntimeError(message)
    if isinstance(bind, Connection):
        return bind.execute(statement, parameters).all()
    try:
        return _read_once(bind, statement, parameters)
    except DBAPIError as error:
        if not error.connection_invalidated or isinstance(error.orig, DeadlineExceeded):
            raise
    return _read_once(bind, statement, parameters)


def _read_once(
    engine: Engine, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    with engine.connect() as connection:
        return connection.execute(statement, parameters).all()


def needs_transaction(statement: Executable) -> bool:
    """Say whether a statement writes or locks."""
    return statement.is_dml or getattr(statement, "_for_update_arg", None) is not None


def _next(session: Session, step: Mapping[State, State], refusal: str) -> State:
    """Return the state that a step leads to; where it leads nowhere, raise `RuntimeError`."""
    state = state_of(session)
    if state not in step:
        raise RuntimeError(refusal)
    return step[state]
