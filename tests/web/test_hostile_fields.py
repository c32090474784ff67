"""Fields of a wrong type, missing or unknown: each gets its answer, none a 500."""

import json

import pytest

from support.answers import assert_invalid, assert_problem
from web.callers import (
    CREATE_POST,
    LOG_IN,
    REGISTER,
    UPDATE_POST,
    UPDATE_USER,
    WRITING,
    Caller,
    Field,
    Operation,
    each_of,
    writing,
)

pytestmark = pytest.mark.any_database

STRING_FIELDS = {
    "register-password": (REGISTER, "password"),
    "register-first-name": (REGISTER, "first_name"),
    "register-last-name": (REGISTER, "last_name"),
    "log-in-password": (LOG_IN, "password"),
    "update-first-name": (UPDATE_USER, "first_name"),
    "update-last-name": (UPDATE_USER, "last_name"),
    "create-title": (CREATE_POST, "title"),
    "create-content": (CREATE_POST, "content"),
    "update-title": (UPDATE_POST, "title"),
    "update-content": (UPDATE_POST, "content"),
}

EMAIL_FIELDS = {"register-email": (REGISTER, "email"), "log-in-email": (LOG_IN, "email")}
BOOLEAN_FIELDS = {"update-is-active": (UPDATE_USER, "is_active")}
FIELDS = STRING_FIELDS | EMAIL_FIELDS | BOOLEAN_FIELDS

REQUIRED = {
    f"{name}-{field}": (operation, field)
    for name, operation in WRITING.items()
    if operation[0] == "POST"
    for field in operation[2]
}

NO_STRINGS = {
    "integer": 5,
    "float": 1.5,
    "beyond-64-bit": 2**64,
    "huge": 10**300,
    "true": True,
    "array": ["text"],
    "object": {"text": "text"},
    "deep": json.loads("[" * 500 + "]" * 500),
}

UNSTORABLE = {
    "nul": "correct\0horse",
    "only-nul": "\0" * 10,
    "high-surrogate": "correct \ud800 horse",
    "low-surrogate": "\udfff correct horse",
    "swapped-surrogates": "correct \ude00\ud83d horse",
}


@pytest.mark.parametrize("value", NO_STRINGS.values(), ids=NO_STRINGS)
@each_of(STRING_FIELDS)
def test_what_is_no_string_is_refused(caller: Caller, case: Field, value: object) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: value}), f"/{field}", "type")


@pytest.mark.parametrize("value", UNSTORABLE.values(), ids=UNSTORABLE)
@each_of(STRING_FIELDS)
def test_unstorable_text_is_refused(caller: Caller, case: Field, value: str) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: value}), f"/{field}", "characters")


@pytest.mark.parametrize(
    "value",
    [*NO_STRINGS.values(), *UNSTORABLE.values()],
    ids=[*NO_STRINGS, *UNSTORABLE],
)
@each_of(EMAIL_FIELDS)
def test_what_is_no_address_is_refused(caller: Caller, case: Field, value: object) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: value}), f"/{field}", "email")


@pytest.mark.parametrize("value", [0, 1, 1.5, 2**64, "true", "", [], {}])
def test_what_is_no_boolean_is_refused(caller: Caller, value: object) -> None:
    assert_invalid(caller.write(UPDATE_USER, is_active=value), "/is_active", "type")


@each_of(FIELDS)
def test_null_is_refused(caller: Caller, case: Field) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: None}), f"/{field}", "null")


@each_of(REQUIRED)
def test_missing_field_is_refused(caller: Caller, case: Field) -> None:
    (method, path, body), field = case
    rest = {name: value for name, value in body.items() if name != field}

    assert_invalid(caller.send(method, path, json=rest), f"/{field}", "required")


@each_of(
    {
        "other": ("color", "/color"),
        "hash": ("password_hash", "/password_hash"),
        "deleted": ("deleted_at", "/deleted_at"),
        "case": ("Email", "/Email"),
        "empty": ("", "/"),
        "nul": ("\0", "/�"),
        "surrogate": ("\ud800", "/�"),
        "line-break": ("a\nb", "/a�b"),
        "pointer": ("a/b~c", "/a~1b~0c"),
        "of-the-library": ("_schema", "/_schema"),
        "of-python": ("__class__", "/__class__"),
        "long": ("x" * 100_000, "/" + "x" * 100 + "…"),
    }
)
def test_unknown_field_is_refused(caller: Caller, case: tuple[str, str]) -> None:
    field, pointer = case

    assert_invalid(caller.write(UPDATE_USER, **{field: "x"}), pointer, "unknown")


@pytest.mark.parametrize("field", ["color", "id", "is_admin", "author_id", "edited_by"])
@writing
def test_field_that_nobody_may_set_is_refused(
    caller: Caller, operation: Operation, field: str
) -> None:
    assert_invalid(caller.write(operation, **{field: 1}), f"/{field}", "unknown")


def test_thousands_of_unknown_fields_get_a_short_answer(caller: Caller) -> None:
    answer = caller.write(UPDATE_USER, **{f"field{number}": 1 for number in range(20_000)})

    assert len(assert_problem(answer, 400, "invalid-input")["errors"]) == 50
