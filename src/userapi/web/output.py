"""What goes out: by schemas that are compiled once, written by orjson.

A schema stays the one source. Of its fields is found out once what is to be done with the values
of a record, by their types: a text, a number or a truth value that a field would hand on is copied,
and other values go to where the field writes them. Whatever a field or a schema does in a way of
its own is left to it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider
from marshmallow import EXCLUDE, Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP

from userapi.web.fields import Timestamp

_COPIED: tuple[tuple[type[fields.Field[Any]], type], ...] = (
    (fields.String, str),
    (fields.Integer, int),
    (fields.Boolean, bool),
    (Timestamp, type(None)),
)
"""Fields, and the values that they hand on as they are, unless a subclass does otherwise."""

_WAYS = 100
"""Of how many combinations of types a schema knows what is to be done with them."""

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

    def dump_list(self, found: Any, *_: Any) -> list[Any] | None:
        """Return what each of `found` is on the wire, as a list of such schemas does."""
        if found is None:
            return None
        items, dump = list(found), self._compiled
        if dump is not None and all(map(_has_attributes_only, set(map(type, items)))):
            return [dump(each) for each in items]
        return [None if each is None else self.dump(each) for each in items]

    @cached_property
    def _compiled(self) -> "CompiledDump | None":
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

    Without an attribute the field looks for its value itself.
    """

    key: str
    name: str
    field: fields.Field[Any]
    attribute: str | None


Write = Callable[[Any, str, Any], Any]
"""Returns what a value is on the wire; gets the field's name and the record, too."""

Way = Sequence[tuple[int, str, Write]]
"""Which of a record's values are written, and how; the others are copied."""


class CompiledDump:
    """Dumps records by the steps of a schema.

    What is to be done with each value is found out once for records whose values are of the same
    types: those of a table have but a few, as a value may be missing here and there.
    """

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._steps = steps
        self._keys = [step.key for step in steps]
        self._ways: dict[tuple[type, ...], Way | None] = {}
        attributes = [step.attribute for step in steps if step.attribute is not None]
        is_usual = len(attributes) == len(steps) > 1
        self._values_of = attrgetter(*attributes) if is_usual else None

    def __call__(self, record: Any) -> dict[str, Any]:
        """Return what a record is on the wire."""
        if self._values_of is None:
            return self._one_by_one(record)
        try:
            values: Any = self._values_of(record)
        except AttributeError:
            return self._one_by_one(record)
        kinds = tuple(map(type, values))
        try:
            way = self._ways[kinds]
        except KeyError:
            way = self._find_way(kinds)
        if way is None:
            return self._one_by_one(record)
        if way:
            values = [*values]
            for place, name, write in way:
                written = write(values[place], name, record)
                if written is missing:
                    return self._one_by_one(record)
                values[place] = written
        return dict(zip(self._keys, values, strict=True))

    def _find_way(self, kinds: tuple[type, ...]) -> Way | None:
        """Return what is to be done with values of these types; None where fields are asked."""
        if type(missing) in kinds or len(self._ways) >= _WAYS:
            return None
        way = [
            (place, step.name, _writer(step.field))
            for place, (step, kind) in enumerate(zip(self._steps, kinds, strict=True))
            if not _is_copied(step.field, kind)
        ]
        self._ways[kinds] = way
        return way

    def _one_by_one(self, record: Any) -> dict[str, Any]:
        """Ask each field: where there is no value it may have a default, or be left out."""
        dumped = {}
        for step in self._steps:
            written = step.field.serialize(step.name, record)
            if written is not missing:
                dumped[step.key] = written
        return dumped


def compiled(schema: Schema) -> CompiledDump | None:
    """Return what dumps a record as `schema` does; None where it does more than list fields."""
    kind = type(schema)
    has_hooks = schema._hooks[PRE_DUMP] or schema._hooks[POST_DUMP]  # noqa: SLF001 - no other way
    is_usual = kind.get_attribute is Schema.get_attribute and schema.dict_class is dict
    if has_hooks or not is_usual:
        return None
    return CompiledDump([_step(name, field) for name, field in schema.dump_fields.items()])


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
    return _Step(key, name, field, attribute if is_usual else None)


def _is_copied(field: fields.Field[Any], value_type: type) -> bool:
    """Say whether a field hands on values of that type as they are."""
    for kind, copied in _COPIED:
        if isinstance(field, kind) and type(field)._serialize is kind._serialize:  # noqa: SLF001
            is_handed_on = value_type is copied or value_type is type(None)
            return is_handed_on and not getattr(field, "as_string", False)
    return False


def _writer(field: Any) -> Write:
    """Return what writes the values of a field: the field, but for lists of schemas of ours."""
    write: Write = field._serialize  # noqa: SLF001 - its one way to write
    inner: Any = getattr(field, "inner", None)
    is_list = type(field)._serialize is fields.List._serialize  # noqa: SLF001 - as above
    if not is_list or type(inner)._serialize is not fields.Nested._serialize:  # noqa: SLF001
        return write
    schema = inner.schema
    is_usual = isinstance(schema, OutputSchema) and type(schema).dump is OutputSchema.dump
    return schema.dump_list if is_usual and not (inner.many or schema.many) else write


def _has_attributes_only(kind: type) -> bool:
    """Say whether marshmallow takes the values of such objects from their attributes."""
    return is_dataclass(kind) and not hasattr(kind, "__getitem__")
