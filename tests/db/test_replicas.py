"""A replica that does not answer."""

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from support.databases import on_postgresql
from userapi.db.engine import engine_options
from userapi.db.postgresql import Connector
from userapi.db.replicas import ReadReplica, read_replica
from userapi.kit.lists import ReplicaUnavailable


def nowhere() -> Engine:
    message = "the database itself was asked"
    raise AssertionError(message)


class Unreachable:
    """An engine without a server."""

    tried = 0

    def connect(self) -> None:
        self.tried += 1
        statement = "SELECT 1"
        raise OperationalError(statement, {}, psycopg.OperationalError("connection refused"))


@pytest.mark.any_database
def test_a_replica_out_of_reach_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    engine = Unreachable()
    replica = ReadReplica(engine)  # type: ignore[arg-type] # stands for one

    def ask() -> int:
        with pytest.raises(ReplicaUnavailable), replica.reading():
            pass
        return engine.tried

    asked = [ask(), ask()]
    now += 6
    asked.append(ask())

    assert asked == [1, 1, 2]


@on_postgresql
def test_one_that_answers_with_an_error_is_asked_again(database_url: str) -> None:
    options = engine_options(database_url, 1)
    replica = ReadReplica(create_engine(database_url, **options))
    bind = replica.or_else(nowhere)

    def fail() -> None:
        with replica.reading():
            connection = bind()
            assert isinstance(connection, Connection)
            connection.execute(select(text("1 / 0")))

    for _ in range(2):
        with pytest.raises(ReplicaUnavailable) as failed:
            fail()
        assert failed.value.__cause__ is not None
    replica.engine.dispose()


@pytest.mark.any_database
def test_without_a_url_there_is_none() -> None:
    assert read_replica("", {}, Connector()) is None
