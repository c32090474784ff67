"""Who may call what: every operation of the document, by every kind of caller."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contract.declared import CALLS, ids_for, path_of
from contract.operations import Operation, mistakes_in, operations_of
from permissions.table import Permit, permits_in
from support.accounts import PASSWORD, Account, Headers, add_user, open_login
from support.paths import LOGOUT
from support.signing_in import sign_in
from userapi.kit.principal import Role
from userapi.testing.contract import Call

pytestmark = pytest.mark.any_database

CALLERS = (
    "anonymous",
    "user",
    "other user",
    "moderator",
    "admin",
    "deactivated user",
    "deleted user",
    "logged-out user",
    "refresh token",
)
ROLES = {
    "user": Role.USER,
    "other user": Role.USER,
    "moderator": Role.MODERATOR,
    "admin": Role.ADMIN,
}
"""The callers with a live access token, and their roles."""


def expected_of(call: Call) -> dict[str, int]:
    """Return what each kind of caller is answered; the objects in the paths belong to `user`."""
    if call.bearer == "none":
        return dict.fromkeys(CALLERS, call.status)
    if call.bearer == "refresh":
        return dict.fromkeys(CALLERS, 401) | {"refresh token": call.status}
    by_refresh_token = {"refresh token": call.status} if call.bearer == "either" else {}
    return (
        dict.fromkeys(CALLERS, 401)
        | by_refresh_token
        | {
            caller: call.status_for(role, is_owner=caller == "user")
            for caller, role in ROLES.items()
        }
    )


EXPECTED = {name: expected_of(call) for name, call in CALLS.items()}

Send = Callable[[str, str], TestResponse]


def differences(answer: TestResponse, operation: Operation, document: dict[str, Any]) -> list[str]:
    """Return in what an answer is not what the document says of it."""
    said = operation.facts["responses"][str(answer.status_code)]
    missing = [
        f"without {name}"
        for name, header in said.get("headers", {}).items()
        if header.get("required") and name not in answer.headers
    ]
    if "content" not in said:
        return [*missing, *(["with a body"] if answer.data else [])]
    schema = said["content"][answer.mimetype]["schema"]
    return [*missing, *mistakes_in(answer.get_json(), schema, document)]


@pytest.fixture(autouse=True)
def another_admin(db_session: Session, password_hash: str) -> Account:
    """An admin who stays: the last one may not leave."""
    return add_user(db_session, password_hash, email="staying@example.com", role=Role.ADMIN)


@pytest.fixture
def headers_of(
    client: FlaskClient,
    user: Account,
    other_user: Account,
    moderator_user: Account,
    admin_user: Account,
) -> Callable[[str], Headers]:
    """Become a kind of caller: returns the headers of its request."""

    def after_user_lost_access(lose: Callable[[Headers], Any]) -> Headers:
        headers = sign_in(client, user)
        lose(headers)
        return headers

    def deactivate(_: Headers) -> TestResponse:
        return client.patch(
            user.path,
            json={"is_active": False},
            headers=sign_in(client, admin_user),
        )

    def delete(_: Headers) -> TestResponse:
        return client.delete(user.path, headers=sign_in(client, admin_user))

    def log_out(headers: Headers) -> TestResponse:
        return client.post(LOGOUT, headers=headers)

    becoming: dict[str, Callable[[], Headers]] = {
        "anonymous": dict,
        "user": lambda: sign_in(client, user),
        "other user": lambda: sign_in(client, other_user),
        "moderator": lambda: sign_in(client, moderator_user),
        "admin": lambda: sign_in(client, admin_user),
        "deactivated user": lambda: after_user_lost_access(deactivate),
        "deleted user": lambda: after_user_lost_access(delete),
        "logged-out user": lambda: after_user_lost_access(log_out),
        "refresh token": lambda: open_login(client, user).refresh,
    }
    return lambda caller: becoming[caller]()


@pytest.fixture
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Every operation of the document, by its name."""
    return {operation.name: operation for operation in operations_of(document)}


@pytest.fixture
def call(
    client: FlaskClient,
    db_session: Session,
    operations: dict[str, Operation],
    user: Account,
    headers_of: Callable[[str], Headers],
) -> Send:
    """Call an operation as a kind of caller."""
    ids = ids_for(db_session, user.id)

    def call(name: str, caller: str) -> TestResponse:
        operation = operations[name]
        return client.open(
            path_of(operation.path, ids),
            method=operation.method,
            **CALLS[name].content(),
            headers=headers_of(caller),
        )

    return call


def test_the_document_says_who_needs_a_token(operations: dict[str, Operation]) -> None:
    open_in_document = {name for name, it in operations.items() if it.facts["security"] == []}

    open_in_table = {name for name, row in EXPECTED.items() if row["anonymous"] != 401}
    assert open_in_document == open_in_table


def may_call(permit: Permit, caller: str) -> bool:
    """Say whether the document lets that kind of caller in; the objects belong to `user`."""
    if permit.is_open:
        return True
    tokens = permit.token.split(" or ")
    if caller == "refresh token":
        return "refresh" in tokens
    return (
        "access" in tokens
        and caller in ROLES
        and permit.allows(ROLES[caller], owner=caller == "user")
    )


@pytest.mark.parametrize("caller", CALLERS)
def test_the_document_and_this_table_let_the_same_callers_in(
    document: dict[str, Any], caller: str
) -> None:
    in_document = {it.name for it in permits_in(document) if may_call(it, caller)}

    in_table = {name for name, row in EXPECTED.items() if row[caller] not in {401, 403}}
    assert in_document ^ in_table == set(), (
        "edit `calls` in tests/<feature>/contract.py, or policy.py: the two differ about these"
    )


def test_the_document_says_who_takes_a_refresh_token(operations: dict[str, Operation]) -> None:
    named = {name for name, it in operations.items() if {"refreshAuth": []} in it.facts["security"]}

    assert named == {"refresh", "logout"}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_gets_the_answer_of_the_table(
    call: Send, document: dict[str, Any], operations: dict[str, Operation], name: str, caller: str
) -> None:
    answer = call(name, caller)

    message = f"edit policy.py, or `{name}` in tests/<feature>/contract.py: role, or_owner, private"
    assert answer.status_code == EXPECTED[name][caller], f"{message}\n{answer.text}"
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)
    assert not re.search(f'{PASSWORD}|"password|argon2', answer.text)
    assert differences(answer, operations[name], document) == []
