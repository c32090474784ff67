"""What schemas compiled once dump is what marshmallow dumps, of whatever it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, post_dump

from userapi.features import FEATURES
from userapi.kit.principal import Role
from userapi.web import output
from userapi.web.fields import Timestamp
from userapi.web.output import OutputSchema, compiled
from userapi.web.output_fields import BoundedInteger, BoundedString

NOT_THERE = object()
MOMENT = datetime(2026, 1, 31, 9, 30, 0, 123456, UTC)
VALUES: list[Any] = [
    *(
        "",
        "Ada",
        "\N{LATIN SMALL LETTER U WITH DIAERESIS}",
        Role.ADMIN,
        b"bytes",
        True,
        False,
        0,
        7,
        2**70,
        -1.5,
        None,
        MOMENT,
    ),
    *(MOMENT.astimezone(timezone(timedelta(hours=2))), MOMENT.replace(microsecond=0)),
    *(UUID(int=7), [], ["Ada"], {}, {"name": "Ada"}, object, NOT_THERE),
]
assert FEATURES, "their schemas are imported with them"


def schemas(base: type[OutputSchema] = OutputSchema) -> Iterator[type[OutputSchema]]:
    """Yield every schema of the features, envelopes and all."""
    for kind in base.__subclasses__():
        yield kind
        yield from schemas(kind)


def outcome(dump: Callable[[Any], Any], record: Any) -> Any:
    """Return what is dumped, its fields in their order, or what is raised."""
    try:
        dumped = dump(record)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error), str(error)
    return [(name, type(value), value) for name, value in dumped.items()]


@st.composite
def records(draw: st.DrawFn, schema: Schema) -> SimpleNamespace:
    """Draw a record with some value, or none at all, for each field."""
    names = [field.attribute or name for name, field in schema.dump_fields.items()]
    values = {name: draw(st.sampled_from(VALUES)) for name in names}
    return SimpleNamespace(**{name: it for name, it in values.items() if it is not NOT_THERE})


SCHEMAS = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in schemas()}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
@settings(
    max_examples=60,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_every_schema_dumps_as_marshmallow_does(name: str, data: st.DataObject) -> None:
    schema = SCHEMAS[name]()
    record = data.draw(records(schema))
    if not schema.dump_fields:
        return

    assert outcome(schema.dump, record) == outcome(lambda it: Schema.dump(schema, it), record)


class Shouting(fields.String):
    """A field that writes in a way of its own."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str:
        return str(value).upper()


RENAMED = OutputSchema.from_dict(
    {
        "text": BoundedString(max_length=9, data_key="name", attribute="title"),
        "loud": Shouting(),
        "as_text": fields.Integer(as_string=True),
        "number": BoundedInteger(maximum=9, dump_default=3),
        "deep": fields.String(attribute="inner.text"),
        "made": fields.Function(lambda record: record.title * 2),
        "secret": fields.String(load_only=True),
    }
)
"""Fields with all kinds of ways of their own."""


class Hooked(OutputSchema):
    """A schema that does more than list fields."""

    text = fields.String()

    @post_dump
    def wrap(self, dumped: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Wrap what was dumped."""
        return {"wrapped": dumped}


def test_fields_keep_their_own_ways() -> None:
    record = SimpleNamespace(
        title="a", loud="b", as_text=4, inner=SimpleNamespace(text="c"), secret="no"
    )

    assert RENAMED().dump(record) == {
        "name": "a",
        "loud": "B",
        "as_text": "4",
        "number": 3,
        "deep": "c",
        "made": "aa",
    }


def test_a_schema_with_hooks_is_left_to_marshmallow() -> None:
    assert compiled(Hooked()) is None
    assert Hooked().dump(SimpleNamespace(text="a")) == {"wrapped": {"text": "a"}}


@pytest.mark.parametrize("record", [{"title": "a"}, [SimpleNamespace(title="a")]])
def test_what_is_no_record_is_left_to_marshmallow(record: Any) -> None:
    schema = RENAMED(only=["text"], many=isinstance(record, list))

    assert schema.dump(record) == Schema.dump(schema, record)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list."""

    id: int
    name: str | None
    created_at: datetime


ITEM = OutputSchema.from_dict(
    {"id": fields.Integer(), "name": fields.String(), "created_at": Timestamp()}, name="ItemSchema"
)
LIST = OutputSchema.from_dict({"items": fields.List(fields.Nested(ITEM)), "total": fields.Raw()})
ITEMS = [Item(1, "Ada", MOMENT), Item(2, None, MOMENT.replace(microsecond=0)), Item(3, "", MOMENT)]


@pytest.mark.parametrize(
    "items",
    [ITEMS, tuple(ITEMS), [], None, [*ITEMS, None], [{"id": 4}], [SimpleNamespace(id=4)], [[]]],
)
def test_items_are_dumped_as_marshmallow_does(items: Any) -> None:
    schema, found = LIST(), SimpleNamespace(items=items, total=1)

    assert outcome(schema.dump, found) == outcome(lambda it: Schema.dump(schema, it), found)


def test_more_kinds_of_records_than_are_known_are_dumped_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(output, "_WAYS", 1)
    schema = ITEM()

    assert [schema.dump(item) for item in ITEMS] == [Schema.dump(schema, item) for item in ITEMS]
