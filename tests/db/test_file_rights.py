"""The files of SQLite are their owner's."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from support.databases import engine_on, migrate
from userapi.db.files import create_sqlite_file

pytestmark = pytest.mark.usefixtures("wide_umask")


def rights(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_a_file_is_its_owners_before_anybody_connects(tmp_path: Path) -> None:
    create_sqlite_file(create_engine(f"sqlite:///{tmp_path}/new.sqlite3"))

    assert rights(tmp_path) == {"new.sqlite3": 0o600}


def test_a_new_database_is_its_owners_with_the_files_beside_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    migrate(url)

    with engine_on(url) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM posts")

        assert rights(tmp_path) == {
            "new.sqlite3": 0o600,
            "new.sqlite3-wal": 0o600,
            "new.sqlite3-shm": 0o600,
            "new.sqlite3-migrating": 0o600,
        }


def test_from_a_database_that_is_there_others_rights_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    before = create_engine(f"sqlite:///{path}")
    with before.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("CREATE TABLE it (id integer)")
        assert rights(tmp_path)["old.sqlite3-wal"] == 0o644

        with engine_on(f"sqlite:///{path}") as engine, engine.connect():
            assert set(rights(tmp_path).values()) == {0o600}
    before.dispose()
