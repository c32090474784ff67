"""How connections to PostgreSQL are made."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from support.databases import on_postgresql
from userapi.db import waiting
from userapi.db.engine import configure_engine, engine_options
from userapi.db.postgresql import BoundedConnection, Connector

pytestmark = on_postgresql

TRY_SECONDS = 0.3


class Gate:
    """Stands between the engines and their server; keeps with which options it was asked."""

    def __init__(self, database_url: str) -> None:
        self.asked: list[str | None] = []
        self.takes_options = True
        self.seconds = 0.0
        self.ends = 0
        self._connect = BoundedConnection.connect
        self._url = database_url.replace("+psycopg", "")

    def connect(self, *arguments: Any, **options: Any) -> Any:
        self.asked.append(options.get("options"))
        time.sleep(self.seconds)
        if "options" in options and not self.takes_options:
            message = "connection failed: FATAL:  unsupported startup parameter: options"
            raise psycopg.OperationalError(message)
        connection = self._connect(*arguments, **options)
        if self.ends:
            self.ends -= 1
            self._end(connection.info.backend_pid)
        return connection

    def _end(self, process: int) -> None:
        with psycopg.connect(self._url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))


@pytest.fixture
def gate(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate(database_url)
    monkeypatch.setattr(BoundedConnection, "connect", made.connect)
    return made


@pytest.fixture
def engine(database_url: str, gate: Gate) -> Engine:
    """An engine that makes a connection for each use."""
    return engine_with(database_url, Connector(statement_seconds=4))


@pytest.fixture(autouse=True)
def _without_end() -> Iterator[None]:
    yield
    waiting.end()


def engine_with(url: str, connector: Connector) -> Engine:
    options = engine_options(url, 1)
    kept = {name: options[name] for name in ("connect_args", "isolation_level")}
    engine = create_engine(url, poolclass=NullPool, **kept)
    configure_engine(engine, connector)
    return engine


def twice(database_url: str) -> str:
    """Return a URL of two servers, both of which are the one in `database_url`."""
    url = make_url(database_url)
    address = ("host", f"{url.host}:{url.port}")
    named = url.set(host=None, port=None).update_query_pairs([address, address])
    return named.render_as_string(hide_password=False)


def use(engine: Engine) -> None:
    with engine.connect():
        pass


def test_a_server_that_takes_no_limit_is_not_told_it_each_time(engine: Engine, gate: Gate) -> None:
    use(engine)
    gate.asked.clear()
    gate.takes_options = False

    for _ in range(3):
        use(engine)

    limit = "-c statement_timeout=4000"
    assert gate.asked == [limit, None, None, None]


def test_a_server_is_told_its_limit_again_after_a_while(
    engine: Engine, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(engine)
    gate.takes_options = False
    use(engine)
    gate.asked.clear()
    gate.takes_options = True
    later = time.monotonic() + 61
    monkeypatch.setattr("userapi.db.postgresql.time.monotonic", lambda: later)

    use(engine)

    assert gate.asked == ["-c statement_timeout=4000"]


def test_each_server_is_remembered_by_itself(database_url: str, engine: Engine, gate: Gate) -> None:
    connector = Connector(statement_seconds=4)
    pooled = engine_with(database_url, connector)
    direct = engine_with(twice(database_url), connector)
    use(pooled)
    use(direct)
    gate.takes_options = False
    use(pooled)
    gate.takes_options = True
    gate.asked.clear()

    use(direct)

    assert gate.asked == ["-c statement_timeout=4000"]


def test_a_connection_that_is_ended_at_once_is_made_again_and_counted(
    engine: Engine, gate: Gate
) -> None:
    use(engine)
    gate.ends, gate.seconds = 1, TRY_SECONDS
    waiting.begin(10)

    use(engine)

    assert waiting.seconds_left(10) < 10 - 2 * TRY_SECONDS


def test_it_is_not_made_again_where_too_little_time_is_left(engine: Engine, gate: Gate) -> None:
    use(engine)
    gate.asked.clear()
    gate.ends, gate.seconds = 1, TRY_SECONDS
    waiting.begin(1 + TRY_SECONDS / 2)

    with pytest.raises(OperationalError, match="terminating connection"):
        use(engine)

    assert len(gate.asked) == 1
