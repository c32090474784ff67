"""Signing keys on their way to tags, and back: they stay."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from support.databases import engine_on
from userapi.db.migrations import Migrations

BEFORE, AFTER = "0011", "0012"
MOMENT = "2026-01-31 12:00:00+00:00"
KEY = f"""
    INSERT INTO signing_keys
        (id, algorithm, public_jwk, sealed_private_key, created_at, activates_at, retired_at)
    VALUES (:id, 'EdDSA', '{{}}', :sealed, '{MOMENT}', '{MOMENT}', NULL)
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database from before, with a key."""
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade(BEFORE)
        add_key(engine, "before")
        yield engine


def add_key(engine: Engine, key_id: str) -> None:
    """Insert a key as the release before does, which knows nothing of tags."""
    with engine.begin() as connection:
        connection.execute(text(KEY), {"id": key_id, "sealed": b"sealed"})


def column(engine: Engine, name: str) -> list[object]:
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {name} FROM signing_keys ORDER BY created_at, id"))
        return list(found.scalars())


def test_the_release_before_goes_on_making_keys(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade(AFTER)
    add_key(engine, "beside")

    assert column(engine, "id") == ["before", "beside"]
    assert column(engine, "authentication_tag") == [None, None]


def test_keys_stay_on_the_way_back(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade(AFTER)

    migrations.downgrade(BEFORE)

    assert column(engine, "id") == ["before"]
