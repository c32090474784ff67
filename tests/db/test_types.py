from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Dialect, select, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from userapi.db.base import UTCDateTime
from userapi.users.models import User

DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect(),
    "postgresql": PGDialect(),  # type: ignore[no-untyped-call] # SQLAlchemy leaves it so
}
TOKYO = timezone(timedelta(hours=9))
NOON = datetime(2026, 3, 4, 12, 0, 0, 123_456, tzinfo=UTC)
NOON_IN_TOKYO = datetime(2026, 3, 4, 21, 0, 0, 123_456, tzinfo=TOKYO)


def stored(session: Session, moment: datetime) -> int:
    user = User(
        email="ada@example.com",
        password_hash="!",
        first_name="Ada",
        last_name="Lovelace",
        created_at=moment,
    )
    session.add(user)
    session.commit()
    session.expire_all()
    return user.id


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_stays_nothing(dialect: str) -> None:
    column = UTCDateTime()

    assert column.process_bind_param(None, DIALECTS[dialect]) is None
    assert column.process_result_value(None, DIALECTS[dialect]) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_naive_time_is_refused(dialect: str) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        UTCDateTime().process_bind_param(NOON.replace(tzinfo=None), DIALECTS[dialect])


@pytest.mark.parametrize(
    ("dialect", "expected"), [("sqlite", NOON.replace(tzinfo=None)), ("postgresql", NOON)]
)
def test_other_zones_are_converted(dialect: str, expected: Any) -> None:
    bound = UTCDateTime().process_bind_param(NOON_IN_TOKYO, DIALECTS[dialect])

    assert bound == expected
    assert bound.tzinfo is expected.tzinfo


def test_a_naive_time_does_not_reach_the_database(db_session: Session) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        stored(db_session, NOON.replace(tzinfo=None))


@pytest.mark.parametrize("moment", [NOON, NOON_IN_TOKYO], ids=["UTC", "Tokyo"])
def test_a_time_comes_back_in_utc(db_session: Session, moment: datetime) -> None:
    read = db_session.get_one(User, stored(db_session, moment)).created_at

    assert read.isoformat() == "2026-03-04T12:00:00.123456+00:00"


def test_times_of_other_zones_compare(db_session: Session) -> None:
    stored(db_session, NOON)

    assert db_session.scalar(select(User.email).where(User.created_at == NOON_IN_TOKYO))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_keeps_the_clock_of_utc(db_session: Session, connection: Connection) -> None:
    stored(db_session, NOON_IN_TOKYO)

    kept = connection.scalar(text("SELECT created_at FROM users"))
    assert kept == "2026-03-04 12:00:00.123456"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_servers_time_zone_does_not_matter(db_session: Session, connection: Connection) -> None:
    connection.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))

    read = db_session.get_one(User, stored(db_session, NOON)).created_at

    assert (read, read.tzinfo) == (NOON, UTC)
