"""A replica that does not answer."""

import pytest
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import Connection

from support.databases import UNREACHABLE, on_postgresql
from userapi.db.engine import engine_options
from userapi.db.postgresql import Connector
from userapi.db.replicas import ReadReplica, read_replica
from userapi.kit.lists import ReplicaUnavailable


def nowhere() -> Engine:
    message = "the database itself was asked"
    raise AssertionError(message)


@pytest.mark.any_database
def test_a_replica_out_of_reach_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    url = UNREACHABLE.replace("postgresql:", "postgresql+psycopg:")
    replica = read_replica(url, {}, Connector())
    assert replica is not None
    tried: list[object] = []
    event.listen(replica.engine, "do_connect", lambda *call: tried.append(call), insert=True)

    def is_tried() -> bool:
        tried.clear()
        with pytest.raises(ReplicaUnavailable), replica.reading():
            pass
        return bool(tried)

    seen = [is_tried(), is_tried()]
    now += 6
    seen.append(is_tried())

    assert seen == [True, False, True]


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
