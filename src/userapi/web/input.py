"""What comes in, read strictly: the parser, and the base of the schemas that it is read by.

The parser raises domain errors: `UnsupportedMediaType`, `UnsupportedCoding`, `BodyTooLarge`,
`MalformedBody` and `InvalidInput`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from heapq import nsmallest
from operator import itemgetter
from typing import Any, ClassVar, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from webargs.flaskparser import FlaskParser

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.text import printable
from userapi.web.edge import body_of
from userapi.web.errors import MalformedBody, UnsupportedCoding, UnsupportedMediaType
from userapi.web.fields import CodedMessage

MAX_REPORTED_ERRORS = 50
MAX_DETAIL_LENGTH = 1_000
"""How many characters of a mistake are told; a list of choices may be longer."""


class InputSchema(Schema):
    """The base of what comes in: unknown fields are refused by name.

    A subclass names in `makes` the class that the loaded fields are handed to, and shows in
    `example` what it takes.
    """

    example: ClassVar[dict[str, Any] | None] = None
    error_messages = {
        "unknown": CodedMessage("unknown", "There is no such field."),
        "type": CodedMessage("type", "This must be a JSON object."),
    }
    makes: Callable[..., Any] | None = None

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return data if self.makes is None else self.makes(**data)


class QuerySchema(InputSchema):
    """The base of query strings."""

    error_messages = {
        "unknown": CodedMessage("unknown", "There is no such parameter."),
    }


class StrictParser(FlaskParser):
    """webargs' parser without its leniency."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def parse(self, argmap: Any, *args: Any, **options: Any) -> Any:
        """Return what a request brings; webargs would make a schema of a class for each one."""
        schema = _instance_of(argmap) if isinstance(argmap, type) else argmap
        return super().parse(schema, *args, **options)

    def _raw_load_json(self, req: Request) -> Any:
        """Return the body's JSON document."""
        if not req.is_json:
            raise UnsupportedMediaType
        if req.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedCoding
        if req.method == "PUT" and "Content-Range" in req.headers:
            detail = "Send the whole body: parts of it cannot be put."
            raise InvalidInput([FieldError("partial", detail, parameter="Content-Range")])
        try:
            return json.loads(
                body_of(req).decode("utf-8"),
                object_pairs_hook=_unique_keys,
                parse_constant=_refuse_constant,
            )
        except (ValueError, RecursionError) as error:
            raise MalformedBody from error

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query parameters; a repeated one that is no list is refused by name."""
        lists = {name for name, field in schema.fields.items() if isinstance(field, fields.List)}
        repeated = [
            name for name, values in req.args.lists() if len(values) > 1 and name not in lists
        ]
        if repeated:
            raise InvalidInput(
                [
                    FieldError(
                        code="repeated",
                        detail="This parameter may be given only once.",
                        parameter=printable(name),
                    )
                    for name in repeated[:MAX_REPORTED_ERRORS]
                ]
            )
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, *_: object, **__: object) -> NoReturn:
        """Raise what marshmallow found as `InvalidInput`."""
        mistakes = (
            (location, path, message)
            for location, tree in error.messages_dict.items()
            for path, message in _leaves(tree, ())
        )
        # marshmallow finds unknown names in no order: which are reported must not vary. There
        # may be very many; only those that are reported are worth being put into words.
        reported = nsmallest(MAX_REPORTED_ERRORS, mistakes, key=itemgetter(0, 1))
        raise InvalidInput([_field_error(*mistake) for mistake in reported]) from error


@cache
def _instance_of(schema: type[Schema]) -> Schema:
    return schema()


def _field_error(location: str, path: tuple[str, ...], message: str) -> FieldError:
    code, detail = getattr(message, "code", "invalid"), str(message)[:MAX_DETAIL_LENGTH]
    if location == "query":
        return FieldError(code=code, detail=detail, parameter=printable(path[0]))
    # marshmallow files what is wrong with the whole under a name that a key may have too.
    is_whole = path[-1:] == ("_schema",) and code != "unknown"
    pointer = "".join(f"/{_pointer_step(step)}" for step in (path[:-1] if is_whole else path))
    return FieldError(code=code, detail=detail, pointer=pointer)


def _leaves(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, Mapping):
        for key, branch in tree.items():
            yield from _leaves(branch, (*path, str(key)))
    else:
        for message in tree:
            yield path, message


def _pointer_step(step: str) -> str:
    return printable(step).replace("~", "~0").replace("/", "~1")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        message = "duplicate key"
        raise ValueError(message)
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
