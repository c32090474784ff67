"""Copies of the database: made, put in its place, and marked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, Account, log_in, open_login, register, try_login
from support.applications import application, close, settings_for_testing
from support.databases import engine_on, on_postgresql, on_sqlite
from support.paths import ME
from support.reset_links import add_reset_token, log_in_from, reset, statuses_of
from userapi.audit.models import AuditEvent
from userapi.db import sqlite_copies
from userapi.db.migrations import Migrations
from userapi.throttling.models import TrustedDevice

EMAIL = REGISTRATION["email"]
PASSWORD = REGISTRATION["password"]


@pytest.fixture
def sqlite_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on an SQLite database of the test's own."""
    with application(settings_for_testing(database_url, tmp_path)) as app:
        yield app


@pytest.fixture
def database_file(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


def run(app: Flask, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a command of `userapi db`; nothing of the application is open then or afterwards."""
    close(app)
    result = app.test_cli_runner().invoke(args=["db", *arguments], input=typed)
    close(app)
    return result.exit_code, result.output


def emails(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT email FROM users ORDER BY id")]


def test_what_let_somebody_in_does_not_work_after_a_restore(
    app: Flask, client: FlaskClient, db_session: Session, user: Account
) -> None:
    device = log_in_from(client, user, user.password)
    link = add_reset_token(db_session, user.id)

    result = app.test_cli_runner().invoke(args=["db", "mark-restored"])

    told = "Ended: 1 one-time tokens, 1 trusted devices, 1 sessions.\n"
    assert (result.exit_code, result.output.startswith(told)) == (0, True), result.output
    assert statuses_of(client, device) == (401, 401)
    assert reset(client, link).status_code == 403
    assert db_session.scalars(select(TrustedDevice.id)).all() == []


def test_marking_ends_what_was_begun_before_it_and_nothing_later(
    app: Flask, client: FlaskClient, user: Account
) -> None:
    app.test_cli_runner().invoke(args=["db", "mark-restored"])

    assert statuses_of(client, open_login(client, user)) == (200, 200)


def test_marking_is_audited(app: Flask, auth_headers: object, db_session: Session) -> None:
    app.test_cli_runner().invoke(args=["db", "mark-restored"])

    events = select(AuditEvent.details).where(AuditEvent.event == "database:restored")
    assert db_session.scalars(events).all() == [
        {"one_time_tokens": 0, "trusted_devices": 0, "sessions": 1}
    ]


def test_all_sessions_are_ended_batch_by_batch(
    app: Flask, client: FlaskClient, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.sessions.services.retention.BATCH_SIZE", 2)
    logins = [log_in(client, user) for _ in range(5)]

    app.test_cli_runner().invoke(args=["db", "mark-restored"])

    assert [client.get(ME, headers=login).status_code for login in logins] == [401] * 5


@on_sqlite
def test_a_backup_takes_the_place_of_the_database(
    sqlite_app: Flask, database_file: Path, tmp_path: Path
) -> None:
    client, backup = sqlite_app.test_client(), tmp_path / "backup.sqlite3"
    register(client)
    login = log_in(client, Account(id=1, email=EMAIL, password=PASSWORD))
    status, output = run(sqlite_app, "backup", str(backup))
    assert (status, output) == (
        0,
        f"{backup}: {backup.stat().st_size} bytes, complete and sound.\n",
    )
    register(client, email="later@example.com")

    status, output = run(sqlite_app, "restore", str(backup), "--yes")

    assert status == 0, output
    assert emails(database_file) == [EMAIL]
    assert emails(Path(f"{database_file}-before-restore")) == [EMAIL, "later@example.com"]
    assert client.get(ME, headers=login).status_code == 401
    assert try_login(client, EMAIL, PASSWORD).status_code == 200


@on_sqlite
def test_a_database_behind_a_link_is_replaced_where_it_is(
    database_url: str, database_file: Path, tmp_path: Path
) -> None:
    link, backup = tmp_path / "link.sqlite3", tmp_path / "backup.sqlite3"
    link.symlink_to(database_file)
    with application(settings_for_testing(f"sqlite:///{link}", tmp_path)) as app:
        register(app.test_client())
        run(app, "backup", str(backup))
        register(app.test_client(), email="later@example.com")

        status, output = run(app, "restore", str(backup), "--yes")

    assert status == 0, output
    assert link.is_symlink()
    assert emails(database_file) == [EMAIL]


@on_sqlite
@pytest.mark.usefixtures("wide_umask")
def test_a_backup_is_one_file_of_its_owner(sqlite_app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    run(sqlite_app, "backup", str(folder / "one"))

    assert [file.name for file in folder.iterdir()] == ["one"]
    assert (folder / "one").stat().st_mode & 0o777 == 0o600


@on_sqlite
def test_a_backup_replaces_nothing(sqlite_app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("something else")

    status, output = run(sqlite_app, "backup", str(file))

    assert (status, output) == (1, f"Error: {file} is there already; name another file\n")
    assert file.read_text() == "something else"


@on_sqlite
def test_a_backup_is_what_was_there_at_its_beginning_whoever_writes(
    sqlite_app: Flask, database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_copies, "_PAGES", 5)
    client = sqlite_app.test_client()
    register(client)
    written = []

    def write(left: int, _pages: int) -> None:
        written.append(register(client, email=f"a{left}@example.com").status_code)

    sqlite_copies.back_up(database_file, tmp_path / "copy", write)

    assert len(written) > 5
    assert set(written) == {201}
    assert emails(tmp_path / "copy") == [EMAIL]


@on_sqlite
@pytest.mark.usefixtures("sqlite_app")
def test_of_two_backups_to_one_name_the_first_to_be_complete_has_it(
    database_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "copy.part").write_text("something else")
    begun: list[int] = []

    def back_up_too(left: int, _pages: int) -> None:
        begun.append(left)
        if len(begun) == 1:
            sqlite_copies.back_up(database_file, folder / "copy", lambda _left, _pages: None)

    with pytest.raises(sqlite_copies.CopyRefused, match="copy is there already; name another file"):
        sqlite_copies.back_up(database_file, folder / "copy", back_up_too)

    assert emails(folder / "copy") == []
    assert sorted(file.name for file in folder.iterdir()) == ["copy", "copy.part"]


@on_sqlite
def test_a_damaged_database_is_not_backed_up(
    sqlite_app: Flask, database_file: Path, tmp_path: Path
) -> None:
    content = bytearray(database_file.read_bytes())
    content[8192:40960] = b"\0" * 32768
    database_file.write_bytes(content)

    status, output = run(sqlite_app, "backup", str(tmp_path / "copy"))

    assert status == 1
    assert str(database_file) in output
    assert not list(tmp_path.glob("copy*"))


@on_sqlite
def test_nothing_is_restored_under_a_server(
    sqlite_app: Flask, database_file: Path, tmp_path: Path
) -> None:
    run(sqlite_app, "backup", str(tmp_path / "copy"))
    with closing(sqlite3.connect(database_file)) as server:
        server.execute("SELECT count(*) FROM users").fetchone()

        status, output = run(sqlite_app, "restore", str(tmp_path / "copy"), "--yes")

    assert status == 1
    assert output.startswith(
        f"Error: {database_file} is in use (database is locked): stop what has it"
    )
    assert not list(database_file.parent.glob(f"{database_file.name}-restoring*"))


@on_sqlite
def test_a_restore_that_is_broken_off_loses_nothing_and_is_repeated(
    sqlite_app: Flask, database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sqlite_app, "backup", str(tmp_path / "copy"))
    register(sqlite_app.test_client())
    close(sqlite_app)
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sqlite_copies.put_in_place(tmp_path / "copy", database_file)
    assert emails(database_file) == [EMAIL]
    monkeypatch.undo()

    status, output = run(sqlite_app, "restore", str(tmp_path / "copy"), "--yes")

    assert status == 0, output
    assert emails(database_file) == []


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@on_sqlite
def test_a_backup_of_an_earlier_version_is_migrated(
    sqlite_app: Flask, database_url: str, empty_database_url: str
) -> None:
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade("0010")

    earlier = empty_database_url.removeprefix("sqlite:///")
    status, output = run(sqlite_app, "restore", earlier, "--yes")

    assert status == 0, output
    with engine_on(database_url) as engine:
        assert Migrations(engine=engine).heads == Migrations(engine=engine).current()


@on_sqlite
def test_what_cannot_be_restored_is_one_clear_line(
    sqlite_app: Flask, database_file: Path, tmp_path: Path
) -> None:
    newer, foreign = tmp_path / "newer", tmp_path / "foreign"
    run(sqlite_app, "backup", str(newer))
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")

    for file, told in (
        (newer, "the backup is of a newer version; restore it with that one"),
        (foreign, f"{foreign} is no database of userapi"),
        (
            tmp_path / "nowhere",
            f"cannot copy {tmp_path / 'nowhere'} to {database_file}-restoring: ",
        ),
    ):
        status, output = run(sqlite_app, "restore", str(file), "--yes")
        assert (status, output.startswith(f"Error: {told}")) == (1, True), output
        assert len(output.splitlines()) == 1


@on_sqlite
@pytest.mark.parametrize("damage", [b"no database at all" * 1000, None], ids=["damaged", "missing"])
def test_a_backup_takes_the_place_of_a_database_that_is_lost(
    sqlite_app: Flask, database_file: Path, tmp_path: Path, damage: bytes | None
) -> None:
    register(sqlite_app.test_client())
    run(sqlite_app, "backup", str(tmp_path / "copy"))
    database_file.unlink() if damage is None else database_file.write_bytes(damage)

    status, output = run(sqlite_app, "restore", str(tmp_path / "copy"), "--yes")

    assert status == 0, output
    assert emails(database_file) == [EMAIL]


@on_sqlite
def test_a_database_that_is_kept_from_before_is_not_replaced(
    sqlite_app: Flask, database_file: Path, tmp_path: Path
) -> None:
    run(sqlite_app, "backup", str(tmp_path / "copy"))
    run(sqlite_app, "restore", str(tmp_path / "copy"), "--yes")

    status, output = run(sqlite_app, "restore", str(tmp_path / "copy"), "--yes")

    told = f"Error: {database_file}-before-restore is kept from an earlier restore; delete it or"
    assert (status, output.startswith(told)) == (1, True), output


@on_sqlite
def test_a_restore_asks_first(sqlite_app: Flask, database_file: Path, tmp_path: Path) -> None:
    run(sqlite_app, "backup", str(tmp_path / "copy"))

    status, output = run(sqlite_app, "restore", str(tmp_path / "copy"), typed="n\n")

    assert status == 1
    assert output == (
        f"Have {tmp_path / 'copy'} take the place of {database_file}? [y/N]: n\n"
        "Error: nothing was changed\n"
    )
    assert not Path(f"{database_file}-before-restore").exists()


@on_postgresql
@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_tools_of_its_own(app: Flask, command: str, tool: str) -> None:
    result = app.test_cli_runner().invoke(
        args=["db", command, "file", *["--yes"][: command == "restore"]]
    )

    told = f"Error: this is for SQLite; PostgreSQL has {tool}: see docs/backups.md\n"
    assert (result.exit_code, result.output) == (1, told)


@on_sqlite
def test_a_folder_that_cannot_be_written_to_is_one_clear_line(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    status, output = run(sqlite_app, "backup", str(tmp_path / "missing" / "copy"))

    assert status == 1
    (line,) = output.splitlines()
    assert f"No such file or directory: '{tmp_path}/missing/copy." in line
