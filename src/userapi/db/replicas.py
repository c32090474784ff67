"""A read replica of PostgreSQL."""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from userapi.db.engine import configure_engine
from userapi.db.waiting import at_most
from userapi.kit.lists import ReplicaUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from sqlalchemy.engine import Connection, Engine

    from userapi.db.postgresql import Connector

    Bind = Callable[[], Engine | Connection]

_SHARE_SECONDS = 1
"""How long a request waits for a replica: the database itself may be needed yet."""

_CANCELLED = "57014"

REST_SECONDS = 5
"""How long a replica that did not answer is left alone."""


class ReadReplica:
    """Implements `kit.lists.Replica` for reads whose connection is found by `or_else`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._connection: ContextVar[Connection | None] = ContextVar("connection", default=None)
        self._rests_until = 0.0

    def or_else(self, bind: Bind) -> Bind:
        """Return what finds the replica's connection within `reading`, and elsewhere as `bind`."""
        return lambda: self._connection.get() or bind()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Have the reads of a block come from the replica, all on one connection.

        Raises `ReplicaUnavailable`, for some seconds without asking it again.
        """
        if time.monotonic() < self._rests_until:
            raise ReplicaUnavailable
        try:
            with (
                at_most(_SHARE_SECONDS),
                self.engine.connect() as connection,
                self._directed_to(connection),
            ):
                yield
        except (DBAPIError, PoolTimeoutError) as error:
            # One that tells what is wrong is there: it ends what is in the way of its following.
            if getattr(getattr(error, "orig", None), "sqlstate", None) in (None, _CANCELLED):
                self._rests_until = time.monotonic() + REST_SECONDS
            raise ReplicaUnavailable from error

    @contextlib.contextmanager
    def _directed_to(self, connection: Connection) -> Iterator[None]:
        token = self._connection.set(connection)
        try:
            yield
        finally:
            self._connection.reset(token)


def read_replica(url: str, options: Mapping[str, Any], connector: Connector) -> ReadReplica | None:
    """Return the replica at a URL, None without one; no connection is made yet."""
    if not url:
        return None
    engine = create_engine(url, **options)
    configure_engine(engine, connector)
    return ReadReplica(engine)
