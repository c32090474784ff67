"""Every unsafe operation of the document leaves exactly one row in the audit trail."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contract.declared import CALLS, ids_for, named, path_of
from contract.operations import Operation, operations_of
from support.accounts import REGISTRATION, Account, Headers, open_login
from support.events import last_event_id
from userapi.audit.models import AuditEvent
from userapi.kit.principal import Role
from userapi.testing.contract import Kind

pytestmark = pytest.mark.any_database

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

CHANGING = {name: call for name, call in CALLS.items() if call.event is not None}
GUARDED = [name for name, call in CHANGING.items() if call.bearer != "none"]
UPDATING = [name for name in named(Kind.EDIT) if name.startswith("update_")]
WITH_BODY = [name for name, call in CHANGING.items() if call.body is not None]

Send = Callable[..., TestResponse]
Rows = Callable[[], list[tuple[Any, ...]]]


def caller_of(name: str) -> str:
    """Return who may call that: the user to whom the objects in the paths belong, if possible."""
    call = CALLS[name]
    if call.bearer in {"none", "refresh"}:
        return {"none": "nobody", "refresh": "refresh"}[call.bearer]
    return "user" if call.status_for(Role.USER, is_owner=True) == call.status else "admin"


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
) -> Send:
    """Call an operation as its row of the table says, but for what the test changes."""
    ids = ids_for(db_session, user.id)
    operations = unsafe_operations(document)

    def call(name: str, **changes: Any) -> TestResponse:
        usual = {**CALLS[name].content(), "headers": headers[caller_of(name)]}
        operation = operations[name]
        return client.open(
            path_of(operation.path, ids), method=operation.method, **{**usual, **changes}
        )

    return call


@pytest.fixture
def new_rows(db_session: Session, call: Send) -> Rows:
    """The events, each with its request, that were written down since everything was arranged."""
    del call  # whoever calls has logged in before
    before = last_event_id(db_session)

    def new_rows() -> list[tuple[Any, ...]]:
        query = select(AuditEvent.event, AuditEvent.request_id).where(AuditEvent.id > before)
        return [tuple(row) for row in db_session.execute(query)]

    return new_rows


def test_exactly_the_unsafe_operations_declare_an_event(document: dict[str, Any]) -> None:
    message = "edit `event` in tests/<feature>/contract.py, and record it in service.py"
    assert CHANGING.keys() ^ unsafe_operations(document).keys() == set(), message


@pytest.mark.parametrize("name", CHANGING)
def test_a_successful_call_leaves_exactly_its_row(call: Send, new_rows: Rows, name: str) -> None:
    answer = call(name)

    assert answer.status_code == CALLS[name].status, answer.text
    assert new_rows() == [(CALLS[name].event, answer.headers["X-Request-Id"])]


@pytest.mark.any_database
@pytest.mark.parametrize("name", GUARDED)
def test_a_call_without_a_token_leaves_none(call: Send, new_rows: Rows, name: str) -> None:
    answer = call(name, headers={})

    assert answer.status_code == 401
    assert new_rows() == []


@pytest.mark.any_database
@pytest.mark.parametrize("name", WITH_BODY)
def test_an_invalid_call_leaves_none(call: Send, new_rows: Rows, name: str) -> None:
    answer = call(name, json={"no such field": 1})

    assert answer.status_code == 400
    assert new_rows() == []


@pytest.mark.parametrize("name", named(Kind.EDIT, Kind.REMOVE))
def test_a_call_for_another_version_leaves_none(
    call: Send, new_rows: Rows, headers: dict[str, Headers], name: str
) -> None:
    answer = call(name, headers={**headers[caller_of(name)], "If-Match": '"1-999"'})

    assert answer.status_code == 412
    assert new_rows() == []


@pytest.mark.parametrize("name", UPDATING)
def test_a_call_that_changes_nothing_leaves_none(call: Send, new_rows: Rows, name: str) -> None:
    answer = call(name, json={})

    assert answer.status_code == 200
    assert new_rows() == []


@pytest.mark.parametrize("name", named(Kind.CREATE, Kind.BATCH))
def test_a_call_that_is_sent_again_leaves_one_row(
    call: Send, new_rows: Rows, headers: dict[str, Headers], name: str
) -> None:
    keyed = {**headers[caller_of(name)], "Idempotency-Key": "the-key"}
    first = call(name, headers=keyed)

    again = call(name, headers=keyed)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert new_rows() == [(CALLS[name].event, first.headers["X-Request-Id"])]


def test_a_taken_address_leaves_none(call: Send, new_rows: Rows, user: Account) -> None:
    answer = call("register", json={**REGISTRATION, "email": user.email})

    assert answer.status_code == 409
    assert new_rows() == []
