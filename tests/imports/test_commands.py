"""`userapi users import` and `userapi users export`, on both databases."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from imports.conftest import ImportFile, person
from kit.test_foreign_hashes import FIREBASE, FIREBASE_HASH, FIREBASE_PARAMETERS
from support.accounts import REGISTRATION
from support.databases import on_postgresql
from support.paths import USERS
from userapi.audit.models import AuditEvent
from userapi.imports.models import Import
from userapi.imports.reading import Source
from userapi.imports.records import ImportFormat, ImportRecord, ImportState, UserRow
from userapi.imports.repository import ImportRepository
from userapi.imports.services import loading
from userapi.imports.services.loading import ImportLoader
from userapi.imports.store import UserRows
from userapi.imports.validation import RowRules
from userapi.kit.clock import utc_now
from userapi.mail.models import MailRow
from userapi.users.models import User

AT = "2026-01-31T09:30:00.123456Z"
HASH = "pbkdf2_sha256$10$saltsalt$" + "A" * 43 + "="
FULL = [
    person("ada", id=3, role="admin", language="en", created_at=AT, updated_at=AT),
    person("=1+1", id=5, is_active=False, created_at=AT, updated_at=AT, password_hash=HASH),
    person("none", id=7, created_at=AT, updated_at=AT, email_verified_at=AT, email_set_at=AT)
    | {"first_name": 'Zo\u00eb \\N "\\t', "last_name": "'=none, really"},
]


def names(session: Session) -> dict[str, str]:
    """Return the first names of all users, by the beginning of their addresses."""
    rows = session.execute(select(User.email, User.first_name).order_by(User.id))
    return {email.partition("@")[0]: name for email, name in rows}


def counted(output: str) -> tuple[int, ...]:
    """Return how many users were created, updated, skipped and refused."""
    return tuple(int(number) for number in re.findall(r"(\d+) (?:cr|up|sk|ref)", output))


def refusals_in(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_what_is_exported_and_imported_is_exported_alike(
    import_file: ImportFile, runner: FlaskCliRunner, db_session: Session, tmp_path: Path
) -> None:
    import_file(FULL, "--keep-ids")
    first, table = tmp_path / "first.ndjson", tmp_path / "first.csv"
    first.touch(mode=0o666)
    runner.invoke(args=["users", "export", str(first)])
    runner.invoke(args=["users", "export", str(table)])

    for file in (first, table):
        db_session.execute(delete(User))
        db_session.commit()
        result = runner.invoke(args=["users", "import", str(file), "--keep-ids"])
        assert (result.exit_code, counted(result.output)) == (0, (3, 0, 0, 0)), result.output
        for again in (tmp_path / "again.ndjson", tmp_path / "again.csv"):
            runner.invoke(args=["users", "export", str(again)])
        assert (tmp_path / "again.ndjson").read_bytes() == first.read_bytes()
        assert (tmp_path / "again.csv").read_bytes() == table.read_bytes()
    assert [json.loads(line)["id"] for line in first.read_text().splitlines()] == [3, 5, 7]
    assert first.stat().st_mode & 0o077 == 0


def test_ids_go_on_above_those_that_were_kept(
    import_file: ImportFile, app: Flask, db_session: Session
) -> None:
    import_file([person("ada", id=70), person("bob", id=50)], "--keep-ids")

    registered = app.test_client().post(USERS, json=REGISTRATION).get_json()

    assert registered["id"] > 70
    assert import_file([person("eve", id=50)], "--keep-ids").exit_code == 1
    assert db_session.scalar(select(User.email).where(User.id == 50)) == "bob@example.com"


@pytest.mark.parametrize(
    ("policy", "counts", "found"),
    [
        ("skip", (1, 0, 3, 0), {"ada": "ada", "bob": "bob"}),
        ("update", (1, 3, 0, 0), {"ada": "Second", "bob": "Later"}),
        ("fail", (1, 0, 0, 3), {"ada": "ada", "bob": "bob"}),
    ],
)
def test_a_duplicate_becomes_what_the_policy_says(
    import_file: ImportFile,
    db_session: Session,
    policy: str,
    counts: tuple[int, ...],
    found: dict[str, str],
) -> None:
    import_file([person("ada")])
    rows = [
        person("ada", role="admin", is_active=False, password_hash=HASH) | {"first_name": "First"},
        person("bob"),
        person("BOB") | {"first_name": "Later"},
        person("ada") | {"first_name": "Second"},
    ]

    result = import_file(rows, "--on-duplicate", policy)

    assert counted(result.output) == counts
    assert names(db_session) == found
    ada = db_session.scalars(select(User).where(User.email == "ada@example.com")).one()
    assert (ada.role, ada.is_active, ada.password_hash) == ("user", True, "none")
    assert ada.version == (2 if policy == "update" else 1)


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(
    import_file: ImportFile, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH_SIZE", 1)
    rows = [person("ada", id=1), person("ada", id=2), person("bob", id=1), person("c", role="x")]

    result = import_file(rows, "--keep-ids", "--dry-run")

    assert counted(result.output) == (1, 0, 0, 3)
    for model in (User, Import, AuditEvent):
        assert db_session.scalar(select(func.count()).select_from(model)) == 0
    assert counted(import_file(rows, "--keep-ids").output) == (1, 0, 0, 3)


def test_a_refused_row_is_told_with_its_number_and_reason(
    import_file: ImportFile, db_session: Session, tmp_path: Path
) -> None:
    report = tmp_path / "report.ndjson"
    rows = [person("ada"), person("b", role="x"), person("ada"), person("c", first_name="\n")]

    result = import_file(rows, "--report", str(report))

    assert (result.exit_code, counted(result.output)) == (1, (1, 0, 0, 3))
    told = [(it["row"], it["field"], it["code"]) for it in refusals_in(report)]
    assert told == [(2, "role", "choice"), (3, "email", "taken"), (4, "first_name", "characters")]
    kept = db_session.scalars(select(Import)).one()
    assert [it["row"] for it in kept.refusals] == [2, 3, 4]
    assert "example.com" not in report.read_text(encoding="utf-8")


def test_an_import_that_was_broken_off_goes_on_behind_its_last_batch(
    import_file: ImportFile,
    db_session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "BATCH_SIZE", 2)
    report = tmp_path / "report.ndjson"
    rows = [person("a"), person("x", role="x"), person("b"), person("y", role="x"), person("c")]
    insert = UserRows.insert

    def break_at_b(self: UserRows, users: Any, *, keeps_ids: bool) -> None:
        if users[0].first_name == "b":
            message = "the power went"
            raise RuntimeError(message)
        insert(self, users, keeps_ids=keeps_ids)

    with monkeypatch.context() as broken:
        broken.setattr(UserRows, "insert", break_at_b)
        import_file(rows, "--report", str(report))
    assert names(db_session) == {"a": "a"}
    begun = str(db_session.scalars(select(Import.id)).one())
    db_session.rollback()
    # As if it had been killed between telling of a row and writing down that it was read.
    report.write_text(report.read_text() + '{"row": 4, "field": "role"}\n{"row"')

    other = import_file([person("z"), *rows[1:]], "--resume", begun)
    resumed = import_file(rows, "--resume", begun, "--report", str(report))

    assert "not the one" in other.output
    assert counted(resumed.output) == (3, 0, 0, 2)
    assert list(names(db_session)) == ["a", "b", "c"]
    assert [it["row"] for it in refusals_in(report)] == [2, 4]
    assert "begin another one" in import_file(rows, "--resume", begun).output


def test_who_takes_an_address_meanwhile_is_seen_at_the_second_look(
    import_file: ImportFile, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file([person("ada")])
    holders, looks = UserRows.holders, []

    def blind_at_first(self: UserRows, emails: list[str]) -> dict[str, int]:
        looks.append(emails)
        return {} if len(looks) == 1 else holders(self, emails)

    monkeypatch.setattr(UserRows, "holders", blind_at_first)
    result = import_file([person("ada"), person("bob")])

    assert counted(result.output) == (1, 0, 0, 1)
    assert (len(looks), list(names(db_session))) == (2, ["ada", "bob"])


def test_nobody_is_mailed_and_only_the_import_is_audited(
    import_file: ImportFile, db_session: Session
) -> None:
    import_file([person("ada"), person("bob")])

    assert db_session.scalars(select(MailRow)).all() == []
    events = db_session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [it.event for it in events] == ["import:started", "import:ended"]
    assert events[1].details["created"] == 2


@pytest.mark.any_database
def test_hashes_of_firebase_come_with_the_parameters_of_the_project(
    import_file: ImportFile, db_session: Session, tmp_path: Path
) -> None:
    parameters = tmp_path / "parameters.json"
    row = person("ada", password_hash=FIREBASE_HASH, password_salt="42xEC-ixf3L2lw==")

    parameters.write_text("{}", encoding="utf-8")
    refused = import_file([row], "--firebase-parameters", str(parameters))
    parameters.write_text(json.dumps(FIREBASE_PARAMETERS), encoding="utf-8")
    result = import_file([row], "--firebase-parameters", str(parameters))

    assert "base64_signer_key" in refused.output
    assert (result.exit_code, counted(result.output)) == (0, (1, 0, 0, 0))
    assert db_session.scalars(select(User.password_hash)).one() == FIREBASE


@pytest.mark.any_database
def test_a_file_may_come_from_a_pipe_and_go_into_one(runner: FlaskCliRunner) -> None:
    row = ",".join(str(value) for value in person("ada").values())
    table = f"email,first_name,last_name\n{row}\n"

    imported = runner.invoke(args=["users", "import", "-", "--format", "csv"], input=table)
    exported = runner.invoke(args=["users", "export", "--without-hashes"])

    assert imported.exit_code == 0, imported.output
    assert json.loads(exported.stdout)["email"] == "ada@example.com"
    assert "password_hash" not in exported.stdout


@pytest.mark.any_database
def test_a_name_that_tells_no_format_is_refused(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "old.txt"
    file.write_text("email,first_name,last_name\n", encoding="utf-8")

    for arguments in (["import", str(file)], ["export", str(tmp_path / "new.xyz")]):
        refused = runner.invoke(args=["users", *arguments])
        assert (refused.exit_code, "add --format" in refused.output) == (2, True)
    assert not (tmp_path / "new.xyz").exists()


def test_one_that_goes_on_needs_no_format(
    runner: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH_SIZE", 1)
    file = tmp_path / "old.txt"
    file.write_text("email,first_name,last_name\na@example.com,A,B\n", encoding="utf-8")
    with monkeypatch.context() as broken:
        broken.setattr(ImportLoader, "end", None)
        begun = runner.invoke(args=["users", "import", str(file), "--format", "csv"])
    import_id = re.search(r"--resume (\S+)", begun.output)
    assert import_id

    resumed = runner.invoke(args=["users", "import", "--resume", import_id[1], str(file)])

    assert counted(resumed.output) == (1, 0, 0, 0), resumed.output


def test_rows_that_the_database_refuses_are_named(
    import_file: ImportFile, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH_SIZE", 2)
    check = RowRules.check
    monkeypatch.setattr(
        RowRules, "check", lambda *it: cast("UserRow", check(*it))._replace(first_name="")
    )

    result = import_file([person("a"), person("b"), person("c")])

    assert "refuses one of the rows 1 to 2" in result.output, result.output
    assert names(db_session) == {}


@on_postgresql
def test_so_are_those_with_values_that_it_cannot_have(
    import_file: ImportFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file([person("ada")])
    check = RowRules.check
    monkeypatch.setattr(
        RowRules, "check", lambda *it: cast("UserRow", check(*it))._replace(language="x" * 99)
    )

    inserted = import_file([person("bob")])
    updated = import_file([person("ada")], "--on-duplicate", "update")

    for result in (inserted, updated):
        assert "refuses one of the rows 1 to 1" in result.output, result.output


def test_one_that_another_process_runs_is_left_to_it(
    import_file: ImportFile, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = ImportRepository.lock

    def lock_later(self: ImportRepository, import_id: UUID) -> ImportRecord | None:
        found = lock(self, import_id)
        return found and replace(found, rows_read=1)

    monkeypatch.setattr(ImportRepository, "lock", lock_later)
    result = import_file([person("ada")])

    assert "another process is running this import" in result.output
    assert names(db_session) == {}


def test_a_file_that_cannot_be_imported_ends_its_import(
    runner: FlaskCliRunner, tmp_path: Path, db_session: Session
) -> None:
    file = tmp_path / "old.csv"
    file.write_text("mail,first_name\nada@example.com,Ada\n", encoding="utf-8")

    refused = runner.invoke(args=["users", "import", str(file)])

    told = "unknown columns: mail; missing columns: email, last_name"
    assert (refused.exit_code, told in refused.output) == (1, True), refused.output
    kept = db_session.scalars(select(Import)).one()
    assert (kept.state, kept.failure) == (ImportState.FAILED, told)


@pytest.mark.any_database
def test_files_that_cannot_be_written_are_named(
    runner: FlaskCliRunner, import_file: ImportFile, tmp_path: Path, db_session: Session
) -> None:
    nowhere = tmp_path / "nowhere" / "users.csv"

    reported = import_file([person("ada")], "--report", str(nowhere))
    exported = runner.invoke(args=["users", "export", str(nowhere)])

    for result in (reported, exported):
        assert result.exit_code == 1
        assert "users.csv cannot be written: No such file" in result.output
    assert db_session.scalars(select(Import)).all() == []


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("--on-duplicate=skip", "--on-duplicate=update"),
        ("--format=ndjson", "--format=csv"),
        ("--on-duplicate=fail", "--keep-ids"),
    ],
)
def test_one_that_goes_on_has_its_options(
    import_file: ImportFile, monkeypatch: pytest.MonkeyPatch, own: str, other: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ImportLoader, "run", None)
        begun = import_file([person("ada")], own).output.split()[-1]

    refused = import_file([person("ada")], "--resume", begun, other)
    resumed = import_file([person("ada")], "--resume", begun, own)

    assert (refused.exit_code, "leave it out" in refused.output) == (2, True), refused.output
    assert counted(resumed.output) == (1, 0, 0, 0)


@pytest.mark.any_database
def test_a_dry_run_resumes_nothing(import_file: ImportFile) -> None:
    refused = import_file([person("ada")], "--dry-run", "--resume", str(uuid4()))

    assert (refused.exit_code, "leave out --dry-run" in refused.output) == (2, True)


@pytest.mark.any_database
def test_an_import_that_an_admin_cancels_ends(
    import_file: ImportFile, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = ImportRepository.lock

    def cancelled(self: ImportRepository, import_id: UUID) -> Any:
        record = lock(self, import_id)
        return record and replace(record, state=ImportState.CANCELLED)

    monkeypatch.setattr(ImportRepository, "lock", cancelled)
    result = import_file([person("ada")])

    assert (result.exit_code, "cancelled" in result.output) == (1, True)
    assert names(db_session) == {}


def test_a_file_is_read_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH_SIZE", 10)
    source = Source(io.BytesIO(b"{}\n" * 35), ImportFormat.NDJSON)
    rules = RowRules(utc_now(), keeps_ids=False)

    sizes = [
        (len(batch.refusals), source.bytes_read)
        for batch in loading.batches(source.entries(), source, rules)
    ]

    assert sizes == [(10, 30), (10, 60), (10, 90), (5, 105)]
