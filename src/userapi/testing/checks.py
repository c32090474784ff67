"""The contract checks, for a feature of one's own.

    class TestNotes(ContractChecks):
        contract = CONTRACT

Each check names the file to edit when it fails.
"""

import inspect
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from userapi.audit.models import AuditEvent
from userapi.container import Feature
from userapi.features import metadata
from userapi.kit.principal import Role
from userapi.registration.records import Registration
from userapi.registration.services.registration import RegistrationService
from userapi.testing.contract import ANSWERED, READ_FROM_REQUEST, Call, Contract, Kind
from userapi.testing.document import Operation, operations_of_feature
from userapi.web.api import Api
from userapi.web.services import provided

_PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that only a test has
_HOSTILE: tuple[Any, ...] = (None, 7, True, [], {}, "\0", "\ud800", "x" * 100_001)
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_OWNER, _OTHER = "owner", "other"
_ROLES = {_OWNER: Role.USER, _OTHER: Role.USER, **{str(role): role for role in Role}}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who has logged in."""

    user_id: int
    token: str


Ask = Callable[..., TestResponse]
"""Sends the call of an operation, by its name, with the token of somebody, or of nobody ("")."""


class ContractChecks:
    """What every feature is held to; a subclass names its `contract`."""

    contract: ClassVar[Contract]

    @property
    def place(self) -> str:
        """The file in which the contract is declared, for the messages."""
        return Path(inspect.getfile(type(self))).name

    def named(self, kinds: Collection[Kind]) -> set[str]:
        """Return the names of the operations of these kinds."""
        return {name for name, call in self.contract.calls.items() if call.kind in kinds}

    @pytest.fixture
    def operations(self, userapi_app: Flask, feature: Feature) -> dict[str, Operation]:
        """The feature's operations, by their names."""
        with userapi_app.app_context():
            document = provided(Api).document()
        return operations_of_feature(userapi_app, document, feature)

    @pytest.fixture
    def ask(self, userapi_app: Flask, operations: dict[str, Operation]) -> Ask:
        """Whoever calls: the owner of the objects, another user, and one of each role."""
        callers = {name: _sign_up(userapi_app, role) for name, role in _ROLES.items()}

        def ask(
            name: str, who: str | None = None, *, body: Mapping[str, Any] | None = None
        ) -> TestResponse:
            call, operation = self.contract.calls[name], operations[name]
            sent = call.body if body is None else body
            caller = callers.get(_may(call) if who is None else who)
            return userapi_app.test_client().open(
                operation.path.format(**self._ids(userapi_app, callers[_OWNER].user_id)),
                method=operation.method,
                headers={"Authorization": f"Bearer {caller.token}"} if caller else {},
                # Escaped, unlike our answers: a body may well hold half a character.
                data=None if sent is None else json.dumps(sent),
                content_type=None if sent is None else "application/json",
            )

        return ask

    def _ids(self, app: Flask, owner_id: int) -> Mapping[str, object]:
        with app.app_context(), Session(app.extensions["sqlalchemy"].engine) as session:
            self.contract.arrange(session, owner_id)
            objects = self.contract.objects.items()
            return {"user_id": owner_id} | {name: make(session, owner_id) for name, make in objects}

    def test_every_operation_has_a_call(self, operations: dict[str, Operation]) -> None:
        """The contract names exactly the operations that there are."""
        message = f"edit `calls` in {self.place}: one entry for each operation"
        assert set(self.contract.calls) == set(operations), message

    def test_every_operation_is_described(self, operations: dict[str, Operation]) -> None:
        """Each has a description."""
        silent = [
            name for name, operation in operations.items() if not operation.facts.get("description")
        ]
        assert silent == [], "give these methods in resources.py a docstring of two parts"

    def test_every_body_has_a_name_of_the_contract(self, operations: dict[str, Operation]) -> None:
        """The names of the schemas are those that a generator of clients is meant to find."""
        named = {name for operation in operations.values() for name in operation.schemas()}
        assert named == set(self.contract.schemas), f"edit `schemas` in {self.place}"

    @pytest.mark.parametrize("header", ANSWERED)
    def test_answers_have_the_headers_of_their_kind(
        self, operations: dict[str, Operation], header: str
    ) -> None:
        """The header is told of exactly the kinds of operations that answer with it."""
        telling = {name for name, operation in operations.items() if header in operation.headers()}
        message = f"edit decorators in resources.py, or the kind in {self.place}"
        assert telling == self.named(ANSWERED[header]), message

    @pytest.mark.parametrize("header", READ_FROM_REQUEST)
    def test_operations_take_the_headers_of_their_kind(
        self, operations: dict[str, Operation], header: str
    ) -> None:
        """The header is a parameter of exactly the kinds of operations that take it."""
        taking = {
            name for name, operation in operations.items() if header in operation.parameters()
        }
        message = f"edit decorators in resources.py, or the kind in {self.place}"
        assert taking == self.named(READ_FROM_REQUEST[header]), message

    def test_limited_operations_are_those_of_the_contract(
        self, operations: dict[str, Operation]
    ) -> None:
        """Exactly these have a limit of their own, beside those of all operations."""
        limited = {
            name for name, operation in operations.items() if "x-rate-limit" in operation.facts
        }
        expected = {name for name, call in self.contract.calls.items() if call.is_limited}
        message = f"edit decorators in resources.py, or `is_limited` in {self.place}"
        assert limited == expected, message

    def test_bodies_name_no_other_columns(self, operations: dict[str, Operation]) -> None:
        """What a body may set is what the contract lists."""
        columns = {column.name for table in metadata.tables.values() for column in table.columns}
        for name, call in self.contract.calls.items():
            message = f"{name}: edit schemas.py, or `also_sets` in {self.place}"
            assert columns & operations[name].fields() == columns & call.sets(), message

    def test_every_call_succeeds_and_leaves_its_event(self, userapi_app: Flask, ask: Ask) -> None:
        """A successful call is audited exactly as the contract says."""
        for name, call in self.contract.calls.items():
            before = len(_events(userapi_app))
            answer = ask(name)
            message = f"{name}: {answer.text}; edit its call in {self.place}"
            assert answer.status_code == call.status, message
            left = _events(userapi_app)[before:]
            expected = [] if call.event is None else [call.event]
            assert left == expected, f"{name}: edit service.py, or `event` in {self.place}"

    def test_unsafe_operations_are_audited(self, operations: dict[str, Operation]) -> None:
        """Whatever changes something leaves an event."""
        calls = self.contract.calls.items()
        silent = [
            name
            for name, call in calls
            if operations[name].method in _UNSAFE and call.event is None
        ]
        message = f"let service.py record an event, and name it in {self.place}"
        assert silent == [], message

    def test_callers_get_the_answer_of_the_contract(self, ask: Ask) -> None:
        """Without a token that is 401; without the right 403, or 404 for what is private."""
        for name, call in self.contract.calls.items():
            if call.bearer != "none":
                assert ask(name, "").status_code == 401, (
                    f"{name} let a stranger in: edit @blp.auth in resources.py"
                )
            for who, role in _ROLES.items():
                if call.bearer in {"access", "either"}:
                    expected = call.status_for(role, is_owner=who == _OWNER)
                    answered = ask(name, who).status_code
                    message = f"{name}, {who}: edit policy.py, or its call in {self.place}"
                    assert answered == expected, message

    def test_hostile_bodies_are_refused(self, ask: Ask) -> None:
        """Whatever a field is sent, the answer is a problem document and never 500."""
        for name, call in self.contract.calls.items():
            for body in hostile_bodies(call.body):
                status = ask(name, body=body).status_code
                assert status < 500, f"{name}: {status} to {str(body)[:80]!r}: edit schemas.py"


def hostile_bodies(body: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Yield the body with each field spoiled in many ways, and with a field too many."""
    for name in body or {}:
        for value in _HOSTILE:
            yield {**(body or {}), name: value}
    if body is not None:
        yield {**body, "no such field": 1}


def _may(call: Call) -> str:
    """Return who may call that, the objects' owner if possible."""
    return _OWNER if call.status_for(Role.USER, is_owner=True) == call.status else str(call.role)


def _sign_up(app: Flask, role: Role) -> Caller:
    with app.app_context():
        address = f"{role}-{len(_events(app))}@example.com"
        names = Registration(address, _PASSWORD, "Ada", "Lovelace")
        user_id = provided(RegistrationService).create(names, role).id
    login = {"email": address, "password": _PASSWORD}
    answer = app.test_client().post("/api/v1/auth/login", json=login)
    return Caller(user_id, answer.get_json()["access_token"])


def _events(app: Flask) -> list[str]:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))
