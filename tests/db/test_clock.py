"""The database's clock: the time, as it is stored, in the statement that asks."""

from datetime import timedelta

from sqlalchemy import Connection, select

from userapi.db.clock import DatabaseNow
from userapi.kit.clock import utc_now

MILLISECOND = timedelta(milliseconds=1)


def test_it_shows_the_time_in_utc(connection: Connection) -> None:
    before = utc_now()

    now = connection.execute(select(DatabaseNow())).scalar_one()

    assert before - MILLISECOND <= now <= utc_now() + MILLISECOND
    assert now.utcoffset() == timedelta(0)


def test_it_is_compared_with_what_is_stored(connection: Connection) -> None:
    second = timedelta(seconds=1)
    verdicts = select(DatabaseNow() > utc_now() - second, DatabaseNow() > utc_now() + second)

    assert tuple(connection.execute(verdicts).one()) == (True, False)
