"""Admins change many users at once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, open_login
from support.answers import verdict
from support.events import origins, written
from support.paths import ME, REFRESH
from support.principals import principal_of
from support.queued_mails import queued_mails
from support.rows import NOON, add_user_row, column_of
from support.statements import statements_on
from userapi.bulk_updates import service
from userapi.bulk_updates.records import BulkUpdate, UserChange
from userapi.bulk_updates.service import BulkUpdates, RoleNotices
from userapi.db.session import ScopedSession
from userapi.directory.records import UserFilter
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.outbox.models import Job
from userapi.throttling.models import TrustedDevice
from userapi.users.events import UserEvent
from userapi.users.models import User
from userapi.web.services import provided

BULK = "/api/v1/users/bulk-update"
MEMBERS = {"role": "user"}
DEACTIVATE = {"is_active": False}


def bulk(
    client: FlaskClient,
    headers: Headers,
    change: dict[str, Any] = DEACTIVATE,
    wanted: dict[str, Any] = MEMBERS,
    **more: Any,
) -> TestResponse:
    return client.post(BULK, json={"filter": wanted, "change": change, **more}, headers=headers)


def members(session: Session, count: int, **columns: Any) -> list[int]:
    return [add_user_row(session, f"m{n}@example.com", **columns) for n in range(count)]


def active(session: Session) -> set[int]:
    found = session.scalars(select(User.id).where(User.is_active, User.deleted_at.is_(None)))
    return set(found)


def test_all_who_are_meant_are_changed(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    ids = members(db_session, 3)
    off = add_user_row(db_session, "off@example.com", is_active=False)

    answer = bulk(client, admin_headers)

    assert answer.get_json() == {"matched": 3, "changed": 3, "has_more": False, "dry_run": False}
    assert active(db_session) == {admin_user.id}
    assert [column_of(db_session, it, "version") for it in [*ids, off]] == [2, 2, 2, 1]
    assert column_of(db_session, ids[0], "updated_at") > column_of(db_session, ids[0], "created_at")


def test_each_who_is_changed_has_an_event_of_its_own(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    ids = members(db_session, 2)
    before = len(origins(db_session))

    bulk(client, admin_headers)

    events = [it for it in written(db_session) if it.event == UserEvent.DEACTIVATED]
    assert [(it.actor_id, it.subject_id) for it in events] == [(admin_user.id, it) for it in ids]
    assert [it.details for it in events] == [{"changed": ["is_active"]}] * 2
    assert len(origins(db_session)) == before + 2


def test_access_of_those_who_are_deactivated_ends_at_once(
    client: FlaskClient, user: Account, admin_headers: Headers, db_session: Session
) -> None:
    login = open_login(client, user)

    bulk(client, admin_headers)

    assert client.get(ME, headers=login.access).status_code == 401
    bulk(client, admin_headers, {"is_active": True})
    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401
    devices = select(TrustedDevice).where(TrustedDevice.user_id == user.id)
    assert db_session.scalars(devices).all() == []


def test_a_role_is_given_and_told(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    (gone,) = members(db_session, 1)

    assert bulk(client, admin_headers, {"role": "moderator"}).get_json()["changed"] == 2

    events = [it for it in written(db_session) if it.event == UserEvent.ROLE_CHANGED]
    assert [it.details for it in events] == [{"from": "user", "to": "moderator"}] * 2
    job = db_session.scalars(select(Job).where(Job.kind == service.JOB)).one()
    db_session.get_one(User, gone).soft_delete(NOON)
    db_session.commit()
    with app.app_context():
        provided(RoleNotices).tell(job.payload)
    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.recipient) == ("role-changed", user.email)


def test_users_with_other_roles_before_are_told_apart_in_the_trail(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    members(db_session, 1)
    add_user_row(db_session, "mod@example.com", role=Role.MODERATOR)
    wanted = {"created_after": "2020-01-01T00:00:00Z"}

    bulk(client, admin_headers, {"role": "admin"}, wanted)

    events = [it for it in written(db_session) if it.event == UserEvent.ROLE_CHANGED]
    assert {it.details["from"] for it in events} == {"user", "moderator"}


@pytest.mark.parametrize("change", [DEACTIVATE, {"role": "user"}])
@pytest.mark.parametrize("dry_run", [True, False])
def test_one_active_admin_remains(
    client: FlaskClient,
    admin_headers: Headers,
    db_session: Session,
    change: dict[str, Any],
    dry_run: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    add_user_row(db_session, "second@example.com", role=Role.ADMIN)
    member = add_user_row(db_session, "m@example.com", role=Role.MODERATOR)
    wanted = {"created_after": "2020-01-01T00:00:00Z"}
    before = len(written(db_session))

    answer = bulk(client, admin_headers, change, wanted, dry_run=dry_run)

    assert verdict(answer) == (409, "last-admin")
    assert column_of(db_session, member, "version") == 1
    assert len(written(db_session)) == before


def test_an_admin_may_go_with_others_when_another_one_remains(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    other = add_user_row(db_session, "second@example.com", role=Role.ADMIN)

    answer = bulk(client, admin_headers, wanted={"ids": [admin_user.id]})

    assert answer.get_json()["changed"] == 1
    assert active(db_session) == {other}


def test_a_dry_run_changes_nothing(
    client: FlaskClient, admin_headers: Headers, db_session: Session, connection: Connection
) -> None:
    ids = members(db_session, 2)
    db_session.close()

    with statements_on(connection) as sent:
        answer = bulk(client, admin_headers, dry_run=True)

    assert answer.get_json() == {"matched": 2, "changed": 0, "has_more": False, "dry_run": True}
    assert not [it for it in sent if it.startswith(("INSERT", "DELETE"))]
    assert not [it for it in sent if it.startswith("UPDATE") and "UPDATE sessions" not in it]
    assert active(db_session) >= set(ids)


def test_a_dry_run_opens_no_transaction(
    scoped_session: ScopedSession, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    members(db_session, 2)
    add_user_row(db_session, "root@example.com", role=Role.ADMIN)
    monkeypatch.delattr(provided(BulkUpdates), "_transaction")
    order = BulkUpdate(UserFilter(role=Role.USER), UserChange(is_active=False), dry_run=True)

    result = provided(BulkUpdates).update(principal_of(1, Role.ADMIN), order)

    assert (result.matched, result.changed) == (2, 0)


def test_more_than_the_limit_takes_more_calls(
    client: FlaskClient,
    admin_headers: Headers,
    db_session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "LIMIT", 2)
    ids = members(db_session, 5)

    answers = [bulk(client, admin_headers).get_json() for _ in range(4)]

    assert [(it["changed"], it["has_more"]) for it in answers] == [
        (2, True),
        (2, True),
        (1, False),
        (0, False),
    ]
    assert not active(db_session) & set(ids)


def test_the_statements_do_not_grow_with_the_users(
    client: FlaskClient, admin_headers: Headers, db_session: Session, connection: Connection
) -> None:
    ids = members(db_session, 40)
    counts = []
    for some in (ids[:10], ids[10:]):
        db_session.close()
        with statements_on(connection) as sent:
            assert bulk(client, admin_headers, wanted={"ids": some}).status_code == 200
        counts.append(len(sent))

    assert counts[0] == counts[1] < 25


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"role": "moderator"}, {"mod"}),
        ({"is_active": True, "role": "user"}, {"old", "proven"}),
        ({"email_verified": True}, {"proven"}),
        ({"email_verified": False, "role": "user"}, {"old"}),
        ({"created_before": "2020-01-01T00:00:00Z"}, {"old"}),
        ({"created_after": "2020-01-01T00:00:00Z", "role": "user"}, {"proven"}),
        ({"ids": [2**63 - 1]}, set()),
    ],
)
def test_all_criteria_hold_and_nobody_deleted_is_meant(
    client: FlaskClient,
    admin_headers: Headers,
    db_session: Session,
    wanted: dict[str, Any],
    found: set[str],
) -> None:
    long_ago = NOON - timedelta(days=4000)
    rows: dict[str, dict[str, Any]] = {
        "mod": {"role": Role.MODERATOR},
        "old": {"created_at": long_ago},
        "proven": {"email_verified_at": utc_now()},
        "gone": {"deleted_at": NOON, "created_at": long_ago, "email_verified_at": NOON},
    }
    ids = {
        add_user_row(db_session, f"{name}@example.com", **columns): name
        for name, columns in rows.items()
    }

    bulk(client, admin_headers, wanted=wanted)

    versions = {name: column_of(db_session, it, "version") for it, name in ids.items()}
    assert {name for name, version in versions.items() if version == 2} == found


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"filter": {}, "change": DEACTIVATE}, "/filter", "empty"),
        ({"filter": {"ids": []}, "change": DEACTIVATE}, "/filter/ids", "length"),
        ({"filter": {"ids": [1] * 1001}, "change": DEACTIVATE}, "/filter/ids", "length"),
        ({"filter": {"ids": [2**63]}, "change": DEACTIVATE}, "/filter/ids/0", "range"),
        ({"filter": {"ids": None}, "change": DEACTIVATE}, "/filter/ids", "null"),
        ({"filter": {"ids": "1"}, "change": DEACTIVATE}, "/filter/ids", "type"),
        ({"filter": [], "change": DEACTIVATE}, "/filter", "type"),
        ({"filter": {"role": "root"}, "change": DEACTIVATE}, "/filter/role", "choice"),
        ({"filter": {"deleted": True}, "change": DEACTIVATE}, "/filter/deleted", "unknown"),
        (
            {"filter": {"created_after": "\x00"}, "change": DEACTIVATE},
            "/filter/created_after",
            "date-time",
        ),
        ({"filter": MEMBERS, "change": {}}, "/change", "one-of"),
        ({"filter": MEMBERS, "change": {"is_active": True, "role": "user"}}, "/change", "one-of"),
        ({"filter": MEMBERS, "change": {"is_active": None}}, "/change/is_active", "null"),
        ({"filter": MEMBERS}, "/change", "required"),
        ({"filter": MEMBERS, "change": DEACTIVATE, "dry_run": "no"}, "/dry_run", "type"),
    ],
)
def test_what_is_not_clear_is_refused(
    client: FlaskClient, admin_headers: Headers, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = client.post(BULK, json=body, headers=admin_headers)

    assert verdict(answer) == (400, "invalid-input")
    assert [(it["pointer"], it["code"]) for it in answer.get_json()["errors"]] == [(pointer, code)]
