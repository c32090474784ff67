import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Executable,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    create_engine,
    insert,
)
from sqlalchemy.exc import IntegrityError

from userapi.db import constraints
from userapi.db.base import NAMING_CONVENTION
from userapi.db.constraints import violated_constraint
from userapi.posts.models import Post
from userapi.sessions.models import UserSession
from userapi.users.models import User

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def other_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """A database in memory whose tables have other unique rules than ours."""
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    table = Table(
        "places",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("handle", Integer),
        Column("row", Integer),
        Column("seat", Integer),
        UniqueConstraint("row", "seat"),
    )
    Index("uq_places_handle", table.c.handle, unique=True)
    monkeypatch.setattr(constraints, "Base", SimpleNamespace(metadata=metadata))
    constraints._unique_rules.cache_clear()  # noqa: SLF001 - it was made for our own tables
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(table).values(id=1, handle=2, row=3, seat=4))
        yield connection
    engine.dispose()
    constraints._unique_rules.cache_clear()  # noqa: SLF001 - see above


def user(**values: Any) -> Executable:
    columns = {
        "email": "ada@example.com",
        "password_hash": "!",
        "first_name": "Ada",
        "last_name": "Lovelace",
        **values,
    }
    return insert(User).values(columns)


def post(**values: Any) -> Executable:
    return insert(Post).values({"title": "Title", "content": "Content", **values})


def login(**values: Any) -> Executable:
    end = NOW.replace(year=2027)
    ends = {"expires_at": end, "absolute_expires_at": end}
    uses = {"current_hash": "none", "rotated_at": NOW, "last_used_at": NOW}
    columns = {"user_id": 1, "created_at": NOW, **ends, **uses, **values}
    return insert(UserSession).values(columns)


AUTHOR = user(id=1, email="author@example.com")


def rule_broken_by(connection: Connection, *statements: Executable) -> str | None:
    """Execute the statements; the last one breaks a rule."""
    *first, last = statements
    for statement in first:
        connection.execute(statement)
    with pytest.raises(IntegrityError) as caught, connection.begin_nested():
        connection.execute(last)
    return violated_constraint(caught.value)


def test_a_unique_expression_is_named(connection: Connection) -> None:
    twice = (user(email="ada@example.com"), user(email="ADA@example.com"))

    assert rule_broken_by(connection, *twice) == "uq_users_email"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (user(email="a@"), "ck_users_email_length"),
        (user(first_name=""), "ck_users_first_name_length"),
        (user(last_name=""), "ck_users_last_name_length"),
        (post(author_id=1, title=""), "ck_posts_title_length"),
        (post(author_id=1, content="x" * 50_001), "ck_posts_content_length"),
        (login(expires_at=NOW), "ck_sessions_expiry_after_creation"),
        (login(absolute_expires_at=NOW), "ck_sessions_expiry_within_lifetime"),
    ],
)
def test_a_check_is_named(connection: Connection, statement: Executable, name: str) -> None:
    assert rule_broken_by(connection, AUTHOR, statement) == name


def test_a_primary_key_is_named(connection: Connection) -> None:
    twice = (post(id=7, author_id=1), post(id=7, author_id=1))

    assert rule_broken_by(connection, AUTHOR, *twice) == "pk_posts"


def test_a_primary_key_that_is_a_uuid_is_named(connection: Connection) -> None:
    twice = (login(id=uuid.UUID(int=1)), login(id=uuid.UUID(int=1)))

    assert rule_broken_by(connection, AUTHOR, *twice) == "pk_sessions"


def test_a_foreign_key_is_named_by_postgresql_alone(connection: Connection, database: str) -> None:
    expected = {"postgresql": "fk_posts_author_id_users", "sqlite": None}

    assert rule_broken_by(connection, post(author_id=999)) == expected[database]


def test_a_missing_value_is_told_by_its_column_on_sqlite_alone(
    connection: Connection, database: str
) -> None:
    expected = {"postgresql": None, "sqlite": "users.first_name"}

    assert rule_broken_by(connection, user(first_name=None)) == expected[database]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ("1, 9, 9, 9", "pk_places"),
        ("9, 2, 9, 9", "uq_places_handle"),
        ("9, 9, 3, 4", "uq_places_row_seat"),
    ],
)
def test_sqlites_columns_become_a_name(other_tables: Connection, values: str, name: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        other_tables.exec_driver_sql(f"INSERT INTO places VALUES ({values})")

    assert violated_constraint(caught.value) == name


def test_what_tells_nothing_has_no_name() -> None:
    assert violated_constraint(IntegrityError("INSERT", {}, Exception("something else"))) is None
