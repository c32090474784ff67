"""What leaves must be what comes back: all that is accepted can be read by strict clients.

Bodies are generated from the document's own schemas, sent, and read back in every answer that
shows them. The judge is a validator that knows the document alone. Addresses are generated in one
plain form.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contract.declared import CALLS, ids_for, path_of
from contract.operations import Operation, mistakes_in, operations_of
from support.accounts import Account, Headers
from support.rows import NOON, set_columns
from userapi.kit.clock import TIMESTAMP_PATTERN
from userapi.testing.contract import Kind
from userapi.web.fields import StrictString

pytestmark = pytest.mark.any_database

PROVING = {
    "login",
    "change_password",
    "close_own_account",
    "reset_password",
    "change_email",
    "undo_email_change",
    "verify_email",
}
"""The operations of whose bodies something is compared with what is stored."""

SELECTING = {"bulk_update_users"}
"""Those whose bodies tell whom they change: with any body the caller could be one of them."""

STORING = sorted(
    name
    for name, call in CALLS.items()
    if call.body is not None and name not in PROVING | SELECTING
)
MAILED = {"invitation_token"}
"""The fields that take nothing but what was mailed."""
SETTINGS = settings(
    max_examples=25,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
AGENTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))


def resolved(schema: Mapping[str, Any], document: dict[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a reference names."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return document["components"]["schemas"][name] if name else schema


def values_of(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Return values of a field that the document allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == ["string", "null"]:
        return st.none() | values_of({**schema, "type": "string"})
    if schema["type"] in {"boolean", "integer"}:
        is_number = schema["type"] == "integer"
        return st.integers(schema["minimum"], schema["maximum"]) if is_number else st.booleans()
    assert schema["type"] == "string", f"teach this function {schema['type']}"
    if schema.get("format") == "email":
        return st.from_regex(r"[a-z0-9]{1,30}@[a-z0-9]{1,30}\.example", fullmatch=True)
    shortest, longest = schema.get("minLength", 0), schema["maxLength"]
    if shortest > 1 and schema["pattern"] == StrictString.pattern:
        characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
        return st.text(characters, min_size=shortest, max_size=longest)
    texts = st.from_regex(re.compile(schema["pattern"]), fullmatch=True)
    return texts.filter(lambda text: shortest <= len(text) <= longest)


def bodies_for(operation: Operation, document: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Return bodies that the document allows."""
    media = operation.facts["requestBody"]["content"]["application/json"]
    schema = resolved(media["schema"], document)
    known = {name: it for name, it in schema["properties"].items() if name not in MAILED}
    fields = {name: values_of(facts) for name, facts in known.items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)


@dataclass(frozen=True)
class Service:
    """The service as an admin uses it, who compares each answer with the document."""

    client: FlaskClient
    document: dict[str, Any]
    headers: Headers
    ids: Mapping[str, object]

    def operations(self) -> dict[str, Operation]:
        """Return every operation of the document, by its name."""
        return {operation.name: operation for operation in operations_of(self.document)}

    def ask(
        self, operation: Operation, body: dict[str, Any] | None = None, agent: str = ""
    ) -> TestResponse:
        """Return the answer, which is as the document says."""
        answer = self.client.open(
            path_of(operation.path, self.ids),
            method=operation.method,
            json=body,
            headers={**self.headers, "User-Agent": agent},
        )
        said = operation.facts["responses"][str(answer.status_code)]
        schema = said["content"][answer.mimetype]["schema"]
        assert mistakes_in(answer.get_json(), schema, self.document) == [], operation.name
        return answer

    def read_all(self) -> None:
        """Read every object and every list."""
        for name, operation in self.operations().items():
            if CALLS[name].kind in {Kind.READ, Kind.LIST, Kind.WHOLE_LIST}:
                assert self.ask(operation).status_code == 200


@pytest.fixture
def service(
    client: FlaskClient,
    db_session: Session,
    document: dict[str, Any],
    user: Account,
    admin_headers: Headers,
) -> Service:
    """The service, with one object of each kind that is the user's, and a time without a rest."""
    set_columns(db_session, user.id, created_at=NOON)
    return Service(client, document, admin_headers, ids_for(db_session, user.id))


@pytest.mark.parametrize("name", STORING)
def test_what_the_document_allows_is_accepted_and_read_back(service: Service, name: str) -> None:
    operation = service.operations()[name]
    answers: list[TestResponse] = []

    @SETTINGS
    @given(body=bodies_for(operation, service.document), agent=AGENTS)
    def send(body: dict[str, Any], agent: str) -> None:
        answers.append(service.ask(operation, body, agent))
        shown = answers[-1].get_json()
        assert {field: shown.get(field, value) for field, value in body.items()} == body

    send()
    service.read_all()

    taken = 409  # an address that was generated before
    assert {answer.status_code for answer in answers} - {taken} == {CALLS[name].status}


def dates_in(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what is said of each time in a part of the document."""
    if isinstance(schema, dict):
        if schema.get("format") == "date-time":
            yield schema
        for part in schema.values():
            yield from dates_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from dates_in(part)


def test_every_time_in_an_answer_is_written_alike(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"].values()
    open_ones = [it for it in schemas if it.get("additionalProperties") is not False]
    said = list(dates_in(open_ones))

    assert said
    assert {it.get("pattern") for it in said} == {TIMESTAMP_PATTERN}
