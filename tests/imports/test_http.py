"""Imports and exports over HTTP."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from imports.conftest import person
from kit.test_foreign_hashes import FIREBASE, FORMS
from kit.test_foreign_hashes import PASSWORD as FOREIGN
from support.accounts import Account, Headers
from support.paths import LOGIN
from userapi.imports.models import Import, ImportPart
from userapi.imports.services import loading, running
from userapi.imports.services.receiving import ImportService
from userapi.imports.services.retention import ImportRetention
from userapi.imports.services.running import ImportJobs
from userapi.kit.clock import utc_now
from userapi.kit.tracing import TRACEPARENT
from userapi.outbox.models import Job
from userapi.users.models import User
from userapi.web.services import provided

IMPORTS = "/api/v1/admin/imports"
EXPORTS = "/api/v1/admin/exports"

Begin = Callable[..., dict[str, Any]]


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def begin(client: FlaskClient, admin_headers: Headers) -> Begin:
    """Begin an import; return what is answered."""

    def post(content: str, path: str = IMPORTS, status: int = 202, **more: Any) -> dict[str, Any]:
        body = {"content": content, **({"format": "ndjson"} if path == IMPORTS else {}), **more}
        answer = client.post(path, json=body, headers=admin_headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    return post


@pytest.fixture
def work(app: Flask, db_session: Session, client: FlaskClient, admin_headers: Headers) -> Begin:
    """Do the job of an import; return what is told of it afterwards."""

    def run(begun: dict[str, Any]) -> dict[str, Any]:
        with app.app_context():
            provided(ImportJobs).run({"import_id": begun["id"]})
        answer = client.get(f"{IMPORTS}/{begun['id']}", headers=admin_headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    return run


def test_users_come_in_by_a_job(begin: Begin, work: Begin, db_session: Session) -> None:
    begun = begin(lines(person("ada", role="admin"), person("bob", role="x")))

    done = work(begun)

    assert (begun["state"], begun["size"] > 0, begun["created"]) == ("running", True, 0)
    (payload,) = db_session.scalars(select(Job.payload).where(Job.kind == "import")).all()
    assert payload.keys() - {TRACEPARENT} == {"import_id"}
    assert payload["import_id"] == begun["id"]
    assert (done["state"], done["created"], done["refused"]) == ("done", 1, 1)
    assert [(it["row"], it["code"]) for it in done["refusals"]] == [(2, "choice")]
    assert db_session.scalar(select(User.role).where(User.email == "ada@example.com")) == "admin"
    assert db_session.scalars(select(ImportPart.number)).all() == []


def test_parts_are_one_file_wherever_they_are_cut(
    begin: Begin, work: Begin, db_session: Session
) -> None:
    content = "email,first_name,last_name\nada@example.com,Zo\u00eb,\u00dcnal\nb@example.com,B,C\n"
    begun = begin(content[:40], format="csv", is_complete=False)
    parts = f"{IMPORTS}/{begun['id']}/parts"

    assert begin("x", parts, 409, number=1)["code"] == "import-part-out-of-order"
    begin(content[40:44], parts, number=2, is_complete=False)
    begin(content[44:], parts, number=3)
    assert begin("x", parts, 409, number=4)["code"] == "import-complete"

    done = work(begun)

    assert (done["state"], done["created"], done["parts"]) == ("done", 2, 3)
    assert (
        db_session.scalar(select(User.last_name).where(User.first_name == "Zo\u00eb"))
        == "\u00dcnal"
    )


@pytest.mark.any_database
def test_a_dry_run_tells_and_leaves_nothing(begin: Begin, work: Begin, db_session: Session) -> None:
    done = work(begin(lines(person("ada"), person("ada")), is_dry_run=True))

    assert (done["state"], done["created"], done["refused"]) == ("done", 1, 1)
    assert db_session.scalars(select(User.email).where(User.email == "ada@example.com")).all() == []


@pytest.mark.any_database
@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
def test_an_import_fails_whose_admin_is_one_no_more(
    begin: Begin,
    *,
    db_session: Session,
    admin_user: Account,
    app: Flask,
    change: dict[str, Any],
) -> None:
    begun = begin(lines(person("eve", role="admin")))
    db_session.execute(update(User).where(User.id == admin_user.id).values(**change))
    db_session.commit()

    with app.app_context():
        provided(ImportJobs).run({"import_id": begun["id"]})
        ended = provided(ImportJobs)._imports.get(UUID(begun["id"]))  # noqa: SLF001

    assert ended is not None
    assert (ended.state, ended.created) == ("failed", 0)
    assert "may not import" in str(ended.failure)
    assert db_session.scalars(select(User.email).where(User.email == "eve@example.com")).all() == []


@pytest.mark.any_database
def test_a_header_that_is_none_fails_the_import(begin: Begin, work: Begin) -> None:
    done = work(begin("shoe_size\n7\n", format="csv"))

    assert (done["state"], "shoe_size" in done["failure"]) == ("failed", True)


@pytest.mark.any_database
def test_an_import_that_was_cancelled_does_nothing(
    begin: Begin, work: Begin, client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    begun = begin(lines(person("ada")))
    path = f"{IMPORTS}/{begun['id']}"

    assert client.delete(path, headers=admin_headers).status_code == 204
    assert client.delete(path, headers=admin_headers).get_json()["code"] == "import-ended"
    assert work(begun)["state"] == "cancelled"
    assert db_session.scalars(select(User.email).where(User.email == "ada@example.com")).all() == []


@pytest.mark.any_database
def test_an_admin_has_few_imports_at_a_time(begin: Begin) -> None:
    for _ in range(5):
        begin("x")

    assert begin("x", status=409)["code"] == "too-many-imports"


@pytest.mark.any_database
def test_an_export_comes_in_parts_that_are_a_file(
    client: FlaskClient, admin_headers: Headers, user: Account, other_user: Account
) -> None:
    def part(**query: Any) -> dict[str, Any]:
        answer = client.get(EXPORTS, query_string=query, headers=admin_headers)
        found: dict[str, Any] = answer.get_json()
        return found

    whole = part(format="csv")
    first = part(format="csv", limit=2)
    second = part(format="csv", limit=2, after=first["next_after"])

    assert (whole["users"], whole["next_after"]) == (3, None)
    assert (first["users"], second["users"], second["next_after"]) == (2, 1, None)
    assert first["content"] + second["content"] == whole["content"]
    told = [json.loads(line) for line in part()["content"].splitlines()]
    assert [it["email"] for it in told].count(user.email) == 1
    assert "password_hash" not in told[0]
    assert "argon2" not in whole["content"]


FORMS_ON_HAND = {name: FORMS[name] for name in ("bcrypt of Django", "scrypt of Werkzeug")}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("stored", "password"),
    [
        *((stored, FOREIGN) for stored in FORMS_ON_HAND.values()),
        (generate_password_hash("cafe\u0301 noir", "pbkdf2:sha256:1"), "cafe\u0301 noir"),
        (FIREBASE, "user1password"),
    ],
    ids=["bcrypt", "scrypt", "as typed", "Firebase"],  # each has another salt every time
)
def test_a_hash_that_was_taken_over_is_ours_after_the_first_login(
    begin: Begin,
    work: Begin,
    *,
    client: FlaskClient,
    db_session: Session,
    stored: str,
    password: str,
) -> None:
    work(begin(lines(person("ada", password_hash=stored))))
    query = select(User.password_hash).where(User.email == "ada@example.com")
    assert db_session.scalar(query) == stored
    db_session.commit()

    wrong, first, second = (
        client.post(LOGIN, json={"email": "ada@example.com", "password": it}).status_code
        for it in (f"{password}x", password, password)
    )

    assert (wrong, first, second) == (401, 200, 200)
    assert str(db_session.scalar(query)).startswith("$argon2id$")


@pytest.mark.any_database
def test_a_job_leaves_to_the_next_what_takes_long(
    begin: Begin, work: Begin, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SLICE", timedelta(seconds=-1))
    monkeypatch.setattr(loading, "BATCH_SIZE", 2)
    begun = begin(lines(person("a"), person("b"), person("c")))

    found = [work(begun) for _ in range(3)]

    assert [(it["state"], it["created"]) for it in found] == [
        ("running", 2),
        ("running", 3),
        ("done", 3),
    ]
    keys = db_session.scalars(select(Job.key).where(Job.kind == "import")).all()
    assert {key.rpartition(":")[2] for key in keys} == {"0", "2", "3"}


@pytest.mark.any_database
def test_an_import_whose_job_is_given_up_has_failed(
    begin: Begin, app: Flask, client: FlaskClient, admin_headers: Headers
) -> None:
    begun = begin(lines(person("ada")))

    with app.app_context():
        provided(ImportJobs).give_up({"import_id": begun["id"]})

    told = client.get(f"{IMPORTS}/{begun['id']}", headers=admin_headers).get_json()
    assert (told["state"], "again and again" in told["failure"]) == ("failed", True)


@pytest.mark.any_database
def test_all_parts_together_have_a_limit(
    begin: Begin, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        monkeypatch.setattr(provided(ImportService), "_max_bytes", 10)

    begun = begin("x" * 10, is_complete=False)
    refused = begin("\u00e9", f"{IMPORTS}/{begun['id']}/parts", 409, number=2)

    assert refused["code"] == "import-too-large"


@pytest.mark.any_database
def test_what_became_of_imports_goes_and_an_incomplete_one_fails(
    begin: Begin, app: Flask, db_session: Session
) -> None:
    long_ago = utc_now() - timedelta(days=31)
    old, incomplete = begin("x"), begin("x", is_complete=False)
    db_session.execute(update(Import).values(created_at=long_ago))
    ended = {"state": "cancelled", "ended_at": long_ago}
    db_session.execute(delete(ImportPart).where(ImportPart.import_id == UUID(old["id"])))
    db_session.execute(update(Import).where(Import.id == UUID(old["id"])).values(ended))
    db_session.commit()

    with app.app_context():
        assert provided(ImportRetention).count_ended() == 1
        assert provided(ImportRetention).delete_ended() == 1

    rows = db_session.execute(select(Import.id, Import.state, Import.failure)).all()
    assert rows == [(UUID(incomplete["id"]), "failed", "its last part never came")]
