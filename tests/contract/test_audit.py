"""Every unsafe operation of the document leaves exactly one row in the audit trail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contract.operations import Operation, operations_of
from support.accounts import PASSWORD, REGISTRATION, Account, Headers, open_login
from support.events import last_event_id
from support.rows import DRAFT, add_post_row, add_session_row
from userapi.audit.models import AuditEvent
from userapi.kit.clock import utc_now
from userapi.kit.events import Event
from userapi.posts.events import PostEvent
from userapi.registration.events import AccountEvent
from userapi.sessions.events import SessionEvent
from userapi.throttling.events import ThrottlingEvent
from userapi.users.events import UserEvent

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Trace:
    """What a successful call of an operation leaves, and how it is called.

    Without an event it leaves nothing, since it changes nothing. The caller is `nobody`, the
    ordinary user that the objects in the paths belong to, an `admin`, or the user's `refresh`
    token.
    """

    event: Event | None
    caller: str = "user"
    body: dict[str, Any] | None = None


TRACES: dict[str, Trace] = {
    "register": Trace(AccountEvent.CREATED, "nobody", REGISTRATION),
    "login": Trace(
        SessionEvent.CREATED, "nobody", {"email": "ada@example.com", "password": PASSWORD}
    ),
    "refresh": Trace(SessionEvent.REFRESHED, "refresh"),
    "logout": Trace(SessionEvent.REVOKED),
    "update_user": Trace(UserEvent.UPDATED, body={"first_name": "Augusta"}),
    "delete_user": Trace(UserEvent.DELETED, "admin"),
    "set_user_role": Trace(UserEvent.ROLE_CHANGED, "admin", {"role": "moderator"}),
    "unlock_user": Trace(ThrottlingEvent.UNLOCKED, "admin"),
    "revoke_session": Trace(SessionEvent.REVOKED),
    "revoke_other_sessions": Trace(SessionEvent.OTHERS_REVOKED),
    "revoke_user_session": Trace(SessionEvent.REVOKED, "admin"),
    "revoke_user_sessions": Trace(SessionEvent.OTHERS_REVOKED, "admin"),
    "create_post": Trace(PostEvent.CREATED, body=DRAFT),
    "update_post": Trace(PostEvent.UPDATED, body={"title": "On Engines"}),
    "delete_post": Trace(PostEvent.DELETED),
}
GUARDED = [name for name, trace in TRACES.items() if trace.caller != "nobody"]
WITH_BODY = [name for name, trace in TRACES.items() if trace.body is not None]

Call = Callable[..., TestResponse]
Rows = Callable[[], list[tuple[Any, ...]]]


def unsafe_operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Return every operation that may change something, by its name."""
    return {it.name: it for it in operations_of(document) if it.method in UNSAFE}


@pytest.fixture
def headers(client: FlaskClient, user: Account, admin_user: Account) -> dict[str, Headers]:
    """The headers of each caller, who have logged in before."""
    login = open_login(client, user)
    admin = open_login(client, admin_user)
    return {
        "nobody": {},
        "user": login.access,
        "refresh": login.refresh,
        "admin": admin.access,
    }


@pytest.fixture
def call(
    client: FlaskClient,
    db_session: Session,
    document: dict[str, Any],
    user: Account,
    headers: dict[str, Headers],
) -> Call:
    """Call an operation as its row of the table says, but for what the test changes."""
    now = utc_now()
    session_id = add_session_row(
        db_session, user.id, created_at=now, expires_at=now + timedelta(hours=1)
    )
    post_id = add_post_row(db_session, user.id)
    ids = {"user_id": user.id, "post_id": post_id, "session_id": session_id}
    operations = unsafe_operations(document)

    def call(name: str, **changes: Any) -> TestResponse:
        trace = TRACES[name]
        usual = {"json": trace.body, "headers": headers[trace.caller]}
        operation = operations[name]
        return client.open(
            operation.path.format(**ids), method=operation.method, **{**usual, **changes}
        )

    return call


@pytest.fixture
def new_rows(db_session: Session, call: Call) -> Rows:
    """The events, each with its request, that were written down since everything was arranged."""
    del call  # whoever calls has logged in before
    before = last_event_id(db_session)

    def new_rows() -> list[tuple[Any, ...]]:
        query = select(AuditEvent.event, AuditEvent.request_id).where(AuditEvent.id > before)
        return [tuple(row) for row in db_session.execute(query)]

    return new_rows


def test_the_table_names_exactly_the_unsafe_operations(document: dict[str, Any]) -> None:
    assert sorted(TRACES) == sorted(unsafe_operations(document))


@pytest.mark.parametrize("name", TRACES)
def test_a_successful_call_leaves_exactly_its_row(call: Call, new_rows: Rows, name: str) -> None:
    answer = call(name)

    event = TRACES[name].event
    assert answer.status_code < 300, answer.text
    assert new_rows() == ([] if event is None else [(event, answer.headers["X-Request-Id"])])


@pytest.mark.any_database
@pytest.mark.parametrize("name", GUARDED)
def test_a_call_without_a_token_leaves_none(call: Call, new_rows: Rows, name: str) -> None:
    answer = call(name, headers={})

    assert answer.status_code == 401
    assert new_rows() == []


@pytest.mark.any_database
@pytest.mark.parametrize("name", WITH_BODY)
def test_an_invalid_call_leaves_none(call: Call, new_rows: Rows, name: str) -> None:
    answer = call(name, json={"no such field": 1})

    assert answer.status_code == 400
    assert new_rows() == []


@pytest.mark.parametrize("name", ["update_user", "delete_user", "update_post", "delete_post"])
def test_a_call_for_another_version_leaves_none(
    call: Call, new_rows: Rows, headers: dict[str, Headers], name: str
) -> None:
    answer = call(name, headers={**headers[TRACES[name].caller], "If-Match": '"1-999"'})

    assert answer.status_code == 412
    assert new_rows() == []


@pytest.mark.parametrize("name", ["update_user", "update_post"])
def test_a_call_that_changes_nothing_leaves_none(call: Call, new_rows: Rows, name: str) -> None:
    answer = call(name, json={})

    assert answer.status_code == 200
    assert new_rows() == []


@pytest.mark.parametrize("name", ["register", "create_post"])
def test_a_call_that_is_sent_again_leaves_one_row(
    call: Call, new_rows: Rows, headers: dict[str, Headers], name: str
) -> None:
    keyed = {**headers[TRACES[name].caller], "Idempotency-Key": "the-key"}
    first = call(name, headers=keyed)

    again = call(name, headers=keyed)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert new_rows() == [(TRACES[name].event, first.headers["X-Request-Id"])]


def test_a_taken_address_leaves_none(call: Call, new_rows: Rows, user: Account) -> None:
    answer = call("register", json={**REGISTRATION, "email": user.email})

    assert answer.status_code == 409
    assert new_rows() == []
