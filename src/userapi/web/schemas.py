"""The base of what goes out, and the shapes that all features share."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from marshmallow import fields

from userapi.kit.cursor import AnySort
from userapi.kit.pagination import (
    DEFAULT_PER_PAGE,
    MAX_PAGE,
    MAX_PER_PAGE,
    Counting,
    KeysetRequest,
    PageRequest,
    Relation,
)
from userapi.web.fields import Choice
from userapi.web.input import QuerySchema
from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import MAX_ID, BoundedInteger, BoundedList
from userapi.web.query_fields import CursorText, QueryInteger


class PageQuerySchema(QuerySchema):
    """Which page of a list is wanted."""

    makes: Callable[..., Any] | None = PageRequest

    page = QueryInteger(
        minimum=1,
        maximum=MAX_PAGE,
        load_default=1,
        metadata={"description": "Which page; pages count from 1."},
    )
    per_page = QueryInteger(
        minimum=1,
        maximum=MAX_PER_PAGE,
        load_default=DEFAULT_PER_PAGE,
        metadata={"description": "How many entries a page has."},
    )
    total = Choice(
        Counting,
        load_default=Counting.ESTIMATE,
        metadata={
            "description": (
                "How the entries are counted: exactly up to 10,000 and estimated beyond, always "
                "exactly, or not at all."
            )
        },
    )


class PageSchema(OutputSchema):
    """The envelope of a page of a list; `page_schema` adds the items."""

    page = BoundedInteger(
        minimum=1,
        maximum=MAX_PAGE,
        required=True,
        metadata={"description": "This page's number."},
    )
    per_page = BoundedInteger(
        minimum=1,
        maximum=MAX_PER_PAGE,
        required=True,
        metadata={"description": "Entries on a full page."},
    )
    total = BoundedInteger(
        maximum=MAX_ID, required=True, metadata={"description": "Entries on all pages."}
    )
    total_relation = OpenString(
        known=Relation,
        required=True,
        metadata={
            "description": (
                "What `total` is: `eq` the number of entries, `estimate` about as many, `gte` no "
                "more than there are."
            )
        },
    )
    pages = BoundedInteger(
        maximum=MAX_ID,
        required=True,
        metadata={"description": "How many pages there are; 0 without entries."},
    )


class KeysetQuerySchema(QuerySchema):
    """Which part of a list is wanted that is read by rows; a subclass adds its `cursor`."""

    makes = KeysetRequest

    limit = QueryInteger(
        minimum=1,
        maximum=MAX_PER_PAGE,
        load_default=DEFAULT_PER_PAGE,
        metadata={"description": "How many entries are wanted at most."},
    )


@cache
def page_schema(item: type[OutputSchema], sort: AnySort, name: str = "") -> type[OutputSchema]:
    """Return the schema of a page of such items in that order, with its example.

    It is called `name`, or as its items are, with `Page`.
    """
    rest = {"page": 1, "per_page": DEFAULT_PER_PAGE, "total": 1, "pages": 1}
    example = {**rest, "total_relation": "eq", "next": None, "prev": None}
    base = PageSchema.from_dict(_cursors_of(sort))
    return _envelope(cast("type[OutputSchema]", base), item, example, name)


@cache
def keyset_page_schema(item: type[OutputSchema], sort: AnySort) -> type[OutputSchema]:
    """Return the schema of a part of a list of such items in that order, with its example."""
    cursors = _cursors_of(sort)
    envelope = OutputSchema.from_dict({"next_cursor": cursors["next"], **cursors})
    return _envelope(
        cast("type[OutputSchema]", envelope),
        item,
        {"next_cursor": None, "next": None, "prev": None},
    )


def _cursors_of(sort: AnySort) -> dict[str, fields.Field[Any]]:
    """Return the fields that lead to the entries after and before those of an answer."""
    told = {
        "next": (sort.forward_pattern, "next", "last"),
        "prev": (sort.backward_pattern, "previous", "first"),
    }
    return {
        name: CursorText(
            sort,
            pattern=pattern,
            required=True,
            allow_none=True,
            metadata={
                "description": f"The `cursor` of the {word} entries; null when these are the {end}."
            },
        )
        for name, (pattern, word, end) in told.items()
    }


def _envelope(
    base: type[OutputSchema], item: type[OutputSchema], rest: dict[str, Any], name: str = ""
) -> type[OutputSchema]:
    items = BoundedList(
        fields.Nested(item), max_items=MAX_PER_PAGE, required=True, attribute="items"
    )
    name = f"{name or item.__name__.removesuffix('Schema') + 'Page'}Schema"
    envelope = cast("type[OutputSchema]", base.from_dict({item.plural: items}, name=name))
    envelope.example = {item.plural: [item.example], **rest}
    return envelope
