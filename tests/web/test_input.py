"""How bodies and query strings are read, and how what is wrong with them is named."""

import io
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask, request
from marshmallow import fields

from userapi.kit.errors import FieldError, InvalidInput
from userapi.web.admission import init_admission
from userapi.web.errors import BodyTooLarge, MalformedBody, UnsupportedMediaType
from userapi.web.fields import SingleLineString
from userapi.web.input import MAX_REPORTED_ERRORS, InputSchema, StrictParser
from userapi.web.operation import Operation
from userapi.web.query_fields import QueryInteger
from web.callers import JSON, cases

pytestmark = pytest.mark.any_database

LIMIT = 1000


class PartSchema(InputSchema):
    name = SingleLineString(required=True, max_length=5)


WholeSchema = InputSchema.from_dict(
    {
        "name": SingleLineString(max_length=5),
        "a~/b": SingleLineString(max_length=5),
        "part": fields.Nested(PartSchema),
        "parts": fields.List(fields.Nested(PartSchema)),
        "named": fields.Dict(),
    },
    name="WholeSchema",
)


class QuerySchema(InputSchema):
    page = QueryInteger(minimum=1, maximum=9, load_default=1)
    size = QueryInteger(minimum=1, maximum=9, load_default=1)


def load_body(body: bytes, *, limit: int | None = LIMIT, **environment: Any) -> Any:
    environment = {"content_type": JSON} | environment
    app = Flask("parser")
    app.config["MAX_CONTENT_LENGTH"] = limit
    with app.test_request_context("/", method="POST", data=body, **environment):
        return StrictParser().parse(WholeSchema, request, location="json")


def load_query(query: str) -> Any:
    with Flask("parser").test_request_context("/", query_string=query):
        return StrictParser().parse(QuerySchema, request, location="query")


def body_errors(body: bytes) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidInput) as caught:
        load_body(body)
    return caught.value.errors


def query_errors(query: str) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidInput) as caught:
        load_query(query)
    return caught.value.errors


# Reading bodies


def test_body_is_loaded() -> None:
    assert load_body(b'{"name": "Ada", "parts": [{"name": "x"}]}') == {
        "name": "Ada",
        "parts": [{"name": "x"}],
    }


@pytest.mark.parametrize("content_type", [JSON, "application/merge-patch+json"])
def test_json_types_are_read(content_type: str) -> None:
    assert load_body(b'{"name": "Ada"}', content_type=content_type) == {"name": "Ada"}


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "multipart/form-data"])
def test_other_types_are_not_read(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        load_body(b'{"name": "Ada"}', content_type=content_type)


@cases(
    {
        "empty": b"",
        "half": b"{",
        "nan": b'{"name": NaN}',
        "infinity": b'{"name": Infinity}',
        "minus-infinity": b'{"name": -Infinity}',
        "duplicate": b'{"name": "a", "name": "a"}',
        "duplicate-below": b'{"parts": [{"name": "a", "name": "b"}]}',
        "byte-order-mark": b"\xef\xbb\xbf{}",
        "latin-1": b'{"name": "\xe9"}',
        "utf-16": "{}".encode("utf-16"),
    }
)
def test_malformed_body_is_refused(case: bytes) -> None:
    with pytest.raises(MalformedBody):
        load_body(case)


@cases({"digits": b"9" * 5000, "arrays": b"[" * 100_000, "objects": b'{"a":' * 100_000})
def test_extreme_body_is_refused(case: bytes) -> None:
    with pytest.raises(MalformedBody):
        load_body(case, limit=None)


def load_stream(size: int) -> Any:
    return load_body(
        b"",
        input_stream=io.BytesIO(b"{}".ljust(size)),
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )


def test_body_of_undeclared_length_is_read_up_to_the_limit() -> None:
    assert load_stream(LIMIT) == {}


def test_body_of_undeclared_length_past_the_limit_is_refused() -> None:
    with pytest.raises(BodyTooLarge):
        load_stream(LIMIT + 1)


# Naming what is wrong with a body


@cases(
    {
        "field": (b'{"name": 1}', "/name", "type"),
        "null": (b'{"name": null}', "/name", "null"),
        "length": (b'{"name": "abcdef"}', "/name", "length"),
        "unknown": (b'{"color": 1}', "/color", "unknown"),
        "below": (b'{"part": {"name": 1}}', "/part/name", "type"),
        "missing-below": (b'{"part": {}}', "/part/name", "required"),
        "unknown-below": (b'{"part": {"name": "a", "b": 1}}', "/part/b", "unknown"),
        "no-object-below": (b'{"part": 1}', "/part", "type"),
        "in-a-list": (b'{"parts": [{"name": "a"}, {"name": 1}]}', "/parts/1/name", "type"),
        "no-object-in-a-list": (b'{"parts": [1]}', "/parts/0", "type"),
        "no-object": (b"[]", "", "type"),
        "null-document": (b"null", "", "type"),
        "tilde-and-slash": (b'{"a~/b": 1}', "/a~0~1b", "type"),
        "unknown-tilde": (b'{"~": 1}', "/~0", "unknown"),
        "unknown-slash": (b'{"/": 1}', "/~1", "unknown"),
        "unknown-escape": (b'{"~1": 1}', "/~01", "unknown"),
        "unknown-empty": (b'{"": 1}', "/", "unknown"),
        "unknown-space": (b'{" ": 1}', "/ ", "unknown"),
        "unknown-unprintable": (b'{"\\u0000\\ud800\\n": 1}', "/���", "unknown"),
        "named-as-marshmallow-names-the-whole": (b'{"_schema": 1}', "/_schema", "unknown"),
        "the-same-below": (b'{"part": {"name": "a", "_schema": 1}}', "/part/_schema", "unknown"),
    }
)
def test_mistake_is_named_by_pointer_and_code(case: tuple[bytes, str, str]) -> None:
    body, pointer, code = case

    (error,) = body_errors(body)

    assert (error.pointer, error.code, error.parameter) == (pointer, code, None)
    assert error.detail


def test_long_name_is_cut() -> None:
    (error,) = body_errors(b'{"' + b"x" * 500 + b'": 1}')

    assert error.pointer == "/" + "x" * 100 + "…"


def test_each_mistake_is_named() -> None:
    errors = body_errors(b'{"name": 1, "part": {}, "color": 1}')

    assert {error.pointer for error in errors} == {"/name", "/part/name", "/color"}


def test_mistakes_are_capped() -> None:
    names = ",".join(f'"f{number}": 1' for number in range(MAX_REPORTED_ERRORS + 10))

    assert len(body_errors(f"{{{names}}}".encode())) == MAX_REPORTED_ERRORS


def test_mistakes_up_to_the_cap_are_all_named() -> None:
    names = ",".join(f'"f{number}": 1' for number in range(MAX_REPORTED_ERRORS))

    pointers = {error.pointer for error in body_errors(f"{{{names}}}".encode())}
    assert pointers == {f"/f{number}" for number in range(MAX_REPORTED_ERRORS)}


def test_message_without_a_code_is_just_invalid() -> None:
    (error,) = body_errors(b'{"named": 1}')

    assert (error.pointer, error.code) == ("/named", "invalid")


# Query strings


def test_query_is_loaded() -> None:
    assert load_query("page=2") == {"page": 2, "size": 1}


@cases(
    {
        "type": ("page=x", "page", "type"),
        "range": ("page=10", "page", "range"),
        "unknown": ("color=1", "color", "unknown"),
        "repeated": ("page=1&page=1", "page", "repeated"),
        "repeated-unknown": ("color=1&color=2", "color", "repeated"),
        "not-a-pointer": ("a~/b=1", "a~/b", "unknown"),
        "of-marshmallow": ("_schema=1", "_schema", "unknown"),
        "unprintable": ("a%00%0A=1", "a��", "unknown"),
        "repeated-unprintable": ("%00&%00", "�", "repeated"),
        "empty": ("=1", "", "unknown"),
    }
)
def test_mistake_is_named_by_parameter_and_code(case: tuple[str, str, str]) -> None:
    query, parameter, code = case

    (error,) = query_errors(query)

    assert (error.parameter, error.code, error.pointer) == (parameter, code, None)
    assert error.detail


def test_each_mistaken_parameter_is_named() -> None:
    assert {error.parameter for error in query_errors("page=x&size=0&color=1")} == {
        "page",
        "size",
        "color",
    }


@cases({"unknown": "p{}=1", "repeated": "p{0}=1&p{0}=1"})
def test_mistaken_parameters_are_capped(case: str) -> None:
    query = "&".join(case.format(number) for number in range(MAX_REPORTED_ERRORS + 10))

    assert len(query_errors(query)) == MAX_REPORTED_ERRORS


# Operations without parameters


def refuse_parameters_of(query: str) -> None:
    """Ask an operation that declares no query parameters."""
    app = Flask("parser")
    init_admission(app)
    with (
        patch("userapi.web.admission.current_operation", return_value=Operation()),
        app.test_request_context("/", query_string=query),
    ):
        app.preprocess_request()


def refused(query: str) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidInput) as caught:
        refuse_parameters_of(query)
    return caught.value.errors


def test_parameter_where_none_is_taken_is_named() -> None:
    (error,) = refused("page=1&page=2")

    assert (error.parameter, error.code) == ("page", "unknown")


def test_parameters_where_none_is_taken_are_capped() -> None:
    query = "&".join(f"p{number}=1" for number in range(MAX_REPORTED_ERRORS + 10))

    assert len(refused(query)) == MAX_REPORTED_ERRORS


@pytest.mark.parametrize("query", ["", "&", "&&"])
def test_no_parameters_are_fine(query: str) -> None:
    refuse_parameters_of(query)
