"""What goes out: by schemas that are compiled once, written by orjson.

A schema stays the one source. Of each of its fields is found out once what can be done directly: a
text, a number or a truth value that it would hand on is copied, and other values go to where the
field writes them. Whatever a field or a schema does in a way of its own is left to it.
"""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider
from marshmallow import EXCLUDE, Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP

_COPIED: tuple[tuple[type[fields.Field[Any]], type], ...] = (
    (fields.String, str),
    (fields.Integer, int),
    (fields.Boolean, bool),
)
"""Fields, and the values that they hand on as they are, unless a subclass does otherwise."""

_OPTIONS = (
    orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)


class OutputSchema(Schema):
    """The base of what goes out: every field is always there.

    A subclass shows in `example` what it looks like, and tells in `plural` what a page of a list
    calls its items.
    """

    example: ClassVar[dict[str, Any] | None] = None
    plural: ClassVar[str]

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Return what `obj` is on the wire, as marshmallow does."""
        dump = self._compiled
        if dump is None or many or self.many or hasattr(obj, "__getitem__"):
            return super().dump(obj, many=many)
        return dump(obj)

    @cached_property
    def _compiled(self) -> Callable[[Any], dict[str, Any]] | None:
        return compiled(self)

    class Meta:
        """marshmallow's options."""

        # The default would close the documented schema: an answer could never gain a field.
        unknown = EXCLUDE


class JSONWriter(DefaultJSONProvider):
    """Writes answers with orjson, fields as they come, and texts as UTF-8."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer; what orjson does not know is written as Flask would."""
        value = self._prepare_response_obj(args, kwargs)
        try:
            body = orjson.dumps(value, default=self.default, option=_OPTIONS)
        except TypeError:  # numbers beyond 64 bits, halves of characters
            body = f"{json.dumps(value, default=self.default)}\n".encode()
        return Response(body, mimetype=self.mimetype)


class _Step(NamedTuple):
    """How one field is written: under which key, from which attribute.

    A value of the type `copied` is written as it is, and any other as the field does. Without an
    attribute the field looks for its value, too.
    """

    key: str
    name: str
    field: fields.Field[Any]
    attribute: str | None
    copied: type | None


def compiled(schema: Schema) -> Callable[[Any], dict[str, Any]] | None:
    """Return what dumps a record as `schema` does; None where it does more than list fields."""
    kind = type(schema)
    has_hooks = schema._hooks[PRE_DUMP] or schema._hooks[POST_DUMP]  # noqa: SLF001 - no other way
    is_usual = kind.get_attribute is Schema.get_attribute and schema.dict_class is dict
    if has_hooks or not is_usual:
        return None
    steps = [_step(name, field) for name, field in schema.dump_fields.items()]

    def dump(record: Any) -> dict[str, Any]:
        dumped = {}
        for key, name, field, attribute, copied in steps:
            value = missing if attribute is None else getattr(record, attribute, missing)
            if type(value) is copied:
                dumped[key] = value
                continue
            # Where there is no value the field may have a default.
            written = (
                field.serialize(name, record)
                if value is missing
                else field._serialize(value, name, record)  # noqa: SLF001 - its one way to write
            )
            if written is not missing:
                dumped[key] = written
        return dumped

    return dump


def _step(name: str, field: fields.Field[Any]) -> _Step:
    key = name if field.data_key is None else field.data_key
    attribute = name if field.attribute is None else field.attribute
    kind = type(field)
    is_usual = (
        kind.serialize is fields.Field.serialize
        and kind.get_value is fields.Field.get_value
        and kind._CHECK_ATTRIBUTE  # noqa: SLF001 - fields without a value have it set
        and "." not in attribute
    )
    if not is_usual:
        return _Step(key, name, field, None, None)
    return _Step(key, name, field, attribute, _copied(field))


def _copied(field: fields.Field[Any]) -> type | None:
    """Return the type of the values that a field hands on as they are, if there is one."""
    for kind, copied in _COPIED:
        if isinstance(field, kind) and type(field)._serialize is kind._serialize:  # noqa: SLF001
            return None if getattr(field, "as_string", False) else copied
    return None
