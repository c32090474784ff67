"""Migrated databases for the tests, on either kind of server."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from userapi.db.engine import configure_engine
from userapi.db.migrations import Migrations

UNREACHABLE = "postgresql://app@127.0.0.1:1/app"
"""The URL of a database that nobody answers for."""

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@contextlib.contextmanager
def engine_on(url: str) -> Iterator[Engine]:
    """Yield an engine as the application's; its connections are closed at the end."""
    engine = create_engine(url)
    configure_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest revision."""
    with engine_on(url) as engine:
        Migrations(engine=engine).upgrade()


def set_revision(url: str, revision: str) -> None:
    """Let the database at `url` say that it has that revision."""
    with engine_on(url) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


@dataclass(frozen=True)
class SQLiteFiles:
    """Makes SQLite databases in a folder."""

    folder: Path

    @contextlib.contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the URL of a new, empty database."""
        file = self.folder / f"{uuid.uuid4().hex}.sqlite3"
        file.touch()
        yield f"sqlite:///{file}"

    @contextlib.contextmanager
    def copy_of(self, url: str) -> Iterator[str]:
        """Yield the URL of a copy of a database that nobody is writing to."""
        with self.empty() as copy:
            shutil.copy(str(make_url(url).database), str(make_url(copy).database))
            yield copy


@dataclass(frozen=True)
class PostgresServer:
    """Makes databases of its own on a server, and drops them; no other one is touched."""

    url: str

    @contextlib.contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the URL of a new, empty database."""
        with self._database("template1") as url:
            yield url

    @contextlib.contextmanager
    def copy_of(self, url: str) -> Iterator[str]:
        """Yield the URL of a copy of a database that nobody is connected to."""
        with self._database(str(make_url(url).database)) as copy:
            yield copy

    @contextlib.contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = f"userapi_test_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            url = make_url(self.url).set(drivername="postgresql+psycopg", database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        url = make_url(self.url).set(drivername="postgresql")
        if not url.database:
            url = url.set(database="postgres")
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


Server = SQLiteFiles | PostgresServer
