"""Bodies that are no JSON objects, or too large: each gets its answer, none a 500."""

import io
import json

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from support.accounts import REGISTRATION
from support.answers import assert_invalid, assert_problem
from support.paths import LIVE, LOGOUT, ME, REFRESH, USERS
from web.callers import (
    JSON,
    PROFILE,
    REGISTER,
    UPDATE_USER,
    Caller,
    Operation,
    cases,
    each_of,
    writing,
)

pytestmark = pytest.mark.any_database

MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "half": b'{"email": ',
    "trailing-comma": b'{"email": 1,}',
    "two-documents": b"{}{}",
    "single-quotes": b"{'email': 1}",
    "comment": b"{} // nothing",
    "form": b"email=a%40example.com",
    "raw-nul": b'{"email": "\0"}',
    "nan": b'{"email": NaN}',
    "infinity": b'{"email": Infinity}',
    "minus-infinity": b'{"email": -Infinity}',
    "duplicate-key": b'{"email": 1, "email": 2}',
    "duplicate-escaped-key": b'{"email": 1, "\\u0065mail": 2}',
    "nested-duplicate-key": b'{"email": [{"a": 1, "a": 2}]}',
    "leading-zero": b'{"email": 01}',
    "5000-digits": b'{"email": ' + b"9" * 5000 + b"}",
    "deep-arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep-objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep-field": b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "open-arrays": b"[" * 100_000,
    "utf-8-signature": b'\xef\xbb\xbf{"email": 1}',
    "utf-16": '{"email": 1}'.encode("utf-16"),
    "utf-16-without-mark": '{"email": 1}'.encode("utf-16-le"),
    "utf-32": '{"email": 1}'.encode("utf-32"),
    "invalid-utf-8": b'{"email": "\xff"}',
    "overlong-utf-8": b'{"email": "\xc0\xaf"}',
    "surrogate-in-utf-8": b'{"email": "\xed\xa0\x80"}',
    "cut-utf-8": b'{"email": "\xe2\x82"}',
}


@each_of(MALFORMED)
def test_malformed_body_is_refused(caller: Caller, case: bytes) -> None:
    assert_problem(caller.send_raw(REGISTER, case), 400, "malformed-body")


@writing
def test_empty_body_is_refused_everywhere(caller: Caller, operation: Operation) -> None:
    assert_problem(caller.send_raw(operation, b""), 400, "malformed-body")


@each_of(
    {
        "array": b"[]",
        "array-of-objects": b"[{}]",
        "string": b'"text"',
        "integer": b"1",
        "float": b"1.5",
        "overflowing-float": b"1e400",
        "true": b"true",
        "null": b"null",
    }
)
def test_body_that_is_no_object_is_refused(caller: Caller, case: bytes) -> None:
    assert_invalid(caller.send_raw(UPDATE_USER, case), "", "type")


@writing
def test_array_is_refused_everywhere(caller: Caller, operation: Operation) -> None:
    assert_invalid(caller.send_raw(operation, b"[]"), "", "type")


def test_utf_16_is_refused_although_declared(caller: Caller) -> None:
    body = json.dumps(REGISTRATION).encode("utf-16")

    answer = caller.send_raw(REGISTER, body, "application/json; charset=utf-16")

    assert_problem(answer, 400, "malformed-body")


@each_of(
    {
        "none": None,
        "empty": "",
        "text": "text/plain",
        "form": "application/x-www-form-urlencoded",
        "multipart": "multipart/form-data; boundary=x",
        "xml": "application/xml",
        "svg": "image/svg+xml",
        "text-json": "text/json",
        "text-suffix": "text/x+json",
        "longer-name": "application/jsonp",
        "no-type": "json",
        "any": "*/*",
        "list": "application/json, text/plain",
        "latin-1": "application/json\xe9",
    }
)
def test_other_media_type_is_refused(caller: Caller, case: str | None) -> None:
    answer = caller.send_raw(UPDATE_USER, b'{"first_name": "Ada"}', case)

    assert_problem(answer, 415, "unsupported-media-type")


@writing
def test_body_of_no_type_is_refused_everywhere(caller: Caller, operation: Operation) -> None:
    answer = caller.send_raw(operation, json.dumps(operation[2]).encode(), None)

    assert_problem(answer, 415, "unsupported-media-type")


@each_of(
    {
        "charset": "application/json; charset=utf-8",
        "upper-case": "APPLICATION/JSON",
        "merge-patch": "application/merge-patch+json",
        "odd-parameter": "application/json; x",
    }
)
def test_json_by_another_name_is_accepted(caller: Caller, case: str) -> None:
    assert caller.send_raw(UPDATE_USER, b'{"first_name": "Ada"}', case).status_code == 200


# Bodies by size

SIZED = {
    "register": ("POST", USERS),
    "list-users": ("GET", USERS),
    "me": ("GET", ME),
    "update-user": ("PATCH", f"{USERS}/1"),
    "delete-user": ("DELETE", f"{USERS}/1"),
    "refresh": ("POST", REFRESH),
    "logout": ("POST", LOGOUT),
    "live": ("GET", LIVE),
    "docs": ("GET", "/docs"),
    "no-operation": ("POST", "/nothing"),
    "no-method": ("PUT", USERS),
}


@cases(SIZED)
def test_body_over_the_limit_is_refused(caller: Caller, app: Flask, case: tuple[str, str]) -> None:
    size = app.config["MAX_CONTENT_LENGTH"] + 1

    answer = caller.send(*case, data=b" " * size, content_type=JSON)

    assert_problem(answer, 413, "body-too-large")


@each_of(SIZED)
def test_immense_declared_length_is_refused(caller: Caller, case: tuple[str, str]) -> None:
    answer = caller.send(*case, environ_overrides={"CONTENT_LENGTH": str(10**30)})

    assert_problem(answer, 413, "body-too-large")


def test_body_at_the_limit_is_read(caller: Caller, app: Flask) -> None:
    body = b'"' + b"x" * (app.config["MAX_CONTENT_LENGTH"] - 2) + b'"'

    assert_invalid(caller.send_raw(REGISTER, body), "", "type")


CHUNKED = {
    "wsgi.input_terminated": True,
    "HTTP_TRANSFER_ENCODING": "chunked",
    "CONTENT_LENGTH": "",
}


def stream(caller: Caller, body: bytes) -> TestResponse:
    """Send a body whose length is not declared, as in chunks."""
    return caller.send(
        "PATCH",
        PROFILE,
        input_stream=io.BytesIO(body),
        content_type=JSON,
        environ_overrides=CHUNKED,
    )


def test_undeclared_length_over_the_limit_is_refused(caller: Caller, app: Flask) -> None:
    body = b"{}".ljust(app.config["MAX_CONTENT_LENGTH"] + 1)

    assert_problem(stream(caller, body), 413, "body-too-large")


def test_undeclared_length_at_the_limit_is_read(caller: Caller, app: Flask) -> None:
    body = b"{}".ljust(app.config["MAX_CONTENT_LENGTH"])

    assert stream(caller, body).status_code == 200


@each_of({"negative": "-1", "text": "abc", "empty": "", "underscore": "1_0", "zero": "0"})
def test_body_without_a_length_is_empty(caller: Caller, case: str) -> None:
    answer = caller.send(
        "POST", USERS, data=b"{}", content_type=JSON, environ_overrides={"CONTENT_LENGTH": case}
    )

    assert_problem(answer, 400, "malformed-body")


def test_body_shorter_than_declared_is_refused(caller: Caller) -> None:
    answer = caller.send(
        "POST", USERS, data=b"{}", content_type=JSON, environ_overrides={"CONTENT_LENGTH": "100"}
    )

    assert_problem(answer, 400, "bad-request")


class MalformedChunks:
    """What a server has for a body of malformed chunks: each raises an error of its own kind."""

    def read(self, _: int) -> bytes:
        message = "invalid chunk size"
        raise LookupError(message)


@each_of(SIZED)
def test_malformed_chunks_are_refused(caller: Caller, case: tuple[str, str]) -> None:
    malformed = CHUNKED | {"wsgi.input": MalformedChunks()}

    answer = caller.send(*case, content_type=JSON, environ_overrides=malformed)

    assert_problem(answer, 400, "bad-request")
