"""Marks of administrators on their way to roles and back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from support.databases import engine_on
from userapi.db.migrations import Migrations

BEFORE, AFTER = "0003", "0005"
MOMENT = "2026-01-31 12:00:00+00:00"
INSERT = f"""
    INSERT INTO users
        (id, email, password_hash, first_name, last_name, is_active, is_admin,
         created_at, updated_at, deleted_at, version)
    VALUES (:id, :email, '!', 'Ada', 'Lovelace', :is_active, :is_admin,
            '{MOMENT}', '{MOMENT}', :deleted_at, 4)
"""
USER, ADMIN, IDLE_ADMIN, DELETED_ADMIN = range(1, 5)


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database with users from before there were roles."""
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade(BEFORE)
        with engine.begin() as connection:
            for user_id in (USER, ADMIN, IDLE_ADMIN, DELETED_ADMIN):
                row = {
                    "id": user_id,
                    "email": f"user{user_id}@example.com",
                    "is_active": user_id != IDLE_ADMIN,
                    "is_admin": user_id != USER,
                    "deleted_at": MOMENT if user_id == DELETED_ADMIN else None,
                }
                connection.execute(text(INSERT), row)
        yield engine


def column(engine: Engine, name: str) -> dict[int, object]:
    """Return what a column holds, by the user's id."""
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT id, {name} FROM users"))  # a name of ours
        return {row[0]: row[1] for row in rows}


def set_role(engine: Engine, user_id: int, role: str | None) -> None:
    with engine.begin() as connection:
        statement = text("UPDATE users SET role = :role WHERE id = :id")
        connection.execute(statement, {"role": role, "id": user_id})


def test_admins_get_their_role_and_all_others_the_ordinary_one(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade(AFTER)

    assert column(engine, "role") == {
        USER: "user",
        ADMIN: "admin",
        IDLE_ADMIN: "admin",
        DELETED_ADMIN: "admin",
    }


@pytest.mark.parametrize("name", ["email", "is_active", "updated_at", "deleted_at", "version"])
def test_the_rest_of_a_user_stays(engine: Engine, migrations: Migrations, name: str) -> None:
    before = column(engine, name)

    migrations.upgrade(AFTER)

    assert column(engine, name) == before


def test_the_mark_is_gone(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade(AFTER)

    assert "is_admin" not in {found["name"] for found in inspect(engine).get_columns("users")}


@pytest.mark.parametrize("role", ["root", "Admin", "", None])
def test_the_database_knows_no_other_role(
    engine: Engine, migrations: Migrations, role: str | None
) -> None:
    migrations.upgrade(AFTER)

    with pytest.raises(IntegrityError):
        set_role(engine, USER, role)


def test_on_the_way_back_admins_are_marked_and_moderators_are_users(
    engine: Engine, migrations: Migrations
) -> None:
    before = column(engine, "is_admin")
    migrations.upgrade(AFTER)
    set_role(engine, USER, "moderator")

    migrations.downgrade(BEFORE)

    assert column(engine, "is_admin") == before
    assert "role" not in {found["name"] for found in inspect(engine).get_columns("users")}


def test_there_and_back_and_there_again(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade(AFTER)
    before = column(engine, "role")

    migrations.downgrade(BEFORE)
    migrations.upgrade(AFTER)

    assert column(engine, "role") == before
