"""The contract checks, for a feature of one's own.

    class TestNotes(ContractChecks):
        calls = {
            "create_note": Call(body={"text": "Buy milk."}, event=NoteEvent.CREATED),
            "list_notes": Call(),
        }

Each check names the table or the file to edit when it fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from userapi.audit.models import AuditEvent
from userapi.container import Feature
from userapi.kit.events import Event
from userapi.kit.principal import Role
from userapi.registration.service import Registration, RegistrationService
from userapi.web.api import Api
from userapi.web.services import provided

_PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that only a test has
_HOSTILE: tuple[Any, ...] = (None, 7, True, [], {}, "\0", "\ud800", "x" * 100_001)
_UNSAFE = ("post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Call:
    """How an operation is called so that it succeeds.

    `path` are the values of its path parameters, `body` what it takes, `role` the least role that
    may call it, `event` what it leaves in the audit trail (None: it changes nothing).
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    role: Role = Role.USER
    event: Event | None = None


class ContractChecks:
    """What every feature is held to; a subclass fills in `calls`, by the names of operations."""

    calls: ClassVar[Mapping[str, Call]] = {}

    @pytest.fixture
    def operations(self, userapi_app: Flask, feature: Feature) -> dict[str, tuple[str, str, Any]]:
        """The feature's operations by name: method, path, and what the document says."""
        name = feature.blueprint.name if feature.blueprint else ""
        with userapi_app.app_context():
            document = provided(Api).spec.to_dict()
        return {
            facts["operationId"]: (method, path, facts)
            for path, item in document["paths"].items()
            for method, facts in item.items()
            if method != "parameters" and name in facts["tags"]
        }

    @pytest.fixture
    def tokens(self, userapi_app: Flask, userapi_client: FlaskClient) -> dict[Role, str]:
        """An access token for each role."""
        return {role: _token(userapi_app, userapi_client, role) for role in Role}

    def test_every_operation_has_a_call(self, operations: dict[str, Any]) -> None:
        """The table names exactly the operations that there are."""
        table = f"{type(self).__name__}.calls"
        assert set(self.calls) == set(operations), f"edit {table}: one entry for each operation"

    def test_every_operation_is_described(self, operations: dict[str, Any]) -> None:
        """Each has a description, and so has each of its parameters."""
        silent = [name for name, (*_, facts) in operations.items() if not facts.get("description")]
        assert silent == [], "give these methods in resources.py a docstring of two parts"

    def test_every_call_succeeds_and_leaves_its_event(
        self, userapi_app: Flask, userapi_client: FlaskClient, operations: Any, tokens: Any
    ) -> None:
        """A successful call is audited exactly as the table says."""
        for name, call in self.calls.items():
            before = _events(userapi_app)
            answer = _ask(userapi_client, operations[name], call, tokens[call.role])
            assert answer.status_code < 400, f"{name}: {answer.text}; edit its entry in `calls`"
            left = _events(userapi_app)[len(before) :]
            expected = [] if call.event is None else [call.event]
            assert left == expected, f"{name}: record its event in service.py, or edit `calls`"

    def test_unsafe_operations_are_audited(self, operations: dict[str, Any]) -> None:
        """Whatever changes something leaves an event."""
        silent = [
            name
            for name, call in self.calls.items()
            if operations[name][0] in _UNSAFE and call.event is None
        ]
        assert silent == [], "let their service record an event, and name it in `calls`"

    def test_strangers_and_lower_roles_are_refused(
        self, userapi_client: FlaskClient, operations: Any, tokens: Any
    ) -> None:
        """Without a token the answer is 401, with a lower role 403."""
        for name, call in self.calls.items():
            if operations[name][2]["security"]:
                answer = _ask(userapi_client, operations[name], call, "")
                assert answer.status_code == 401, f"{name} let a stranger in"
            for role in Role:
                if not role.includes(call.role):
                    answer = _ask(userapi_client, operations[name], call, tokens[role])
                    assert answer.status_code == 403, f"{name} let a {role} in"

    def test_hostile_bodies_are_refused(
        self, userapi_client: FlaskClient, operations: Any, tokens: Any
    ) -> None:
        """Whatever a field is sent, the answer is a problem document and never 500."""
        for name, call in self.calls.items():
            for body in _hostile_bodies(call.body):
                hostile = Call(call.path, body, call.role)
                answer = _ask(userapi_client, operations[name], hostile, tokens[call.role])
                message = (
                    f"{name} answered {answer.status_code} to {str(body)[:80]!r}: see schemas.py"
                )
                assert answer.status_code < 500, message


def _hostile_bodies(body: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    for name in body or {}:
        for value in _HOSTILE:
            yield {**(body or {}), name: value}
    if body is not None:
        yield {**body, "no such field": 1}


def _ask(
    client: FlaskClient, operation: tuple[str, str, Any], call: Call, token: str
) -> TestResponse:
    method, path, _ = operation
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.open(
        path.format(**call.path), method=method.upper(), json=call.body, headers=headers
    )


def _token(app: Flask, client: FlaskClient, role: Role) -> str:
    with app.app_context():
        service = provided(RegistrationService)
        address = f"{role}-{_count(app)}@example.com"
        service.create(Registration(address, _PASSWORD, "Ada", "Lovelace"), role)
    answer = client.post("/api/v1/auth/login", json={"email": address, "password": _PASSWORD})
    token: str = answer.get_json()["access_token"]
    return token


def _count(app: Flask) -> int:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        counted: int = session.scalar(select(func.count()).select_from(AuditEvent))
        return counted


def _events(app: Flask) -> list[str]:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))
