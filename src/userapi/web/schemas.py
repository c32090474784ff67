"""Base schemas, and the shapes that all features share."""

from collections.abc import Callable
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, post_load

from userapi.kit.pagination import (
    DEFAULT_PER_PAGE,
    MAX_PAGE,
    MAX_PER_PAGE,
    KeysetRequest,
    PageRequest,
)
from userapi.web.fields import CodedMessage, QueryInteger


class InputSchema(Schema):
    """The base of what comes in: unknown fields are refused by name.

    A subclass names in `makes` the class that the loaded fields are handed to.
    """

    error_messages = {  # noqa: RUF012 - marshmallow's own way to declare them
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


class OutputSchema(Schema):
    """The base of what goes out: every field is always there."""

    class Meta:
        """marshmallow's options."""

        # The default would close the documented schema: an answer could never gain a field.
        unknown = EXCLUDE


class QuerySchema(InputSchema):
    """The base of query strings."""

    error_messages = {  # noqa: RUF012 - marshmallow's own way to declare them
        "unknown": CodedMessage("unknown", "There is no such parameter."),
    }


class PageQuerySchema(QuerySchema):
    """Which page of a list is wanted."""

    makes = PageRequest

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


class PageSchema(OutputSchema):
    """The envelope of a list; a subclass adds the list itself."""

    page = fields.Integer(required=True, metadata={"description": "This page's number."})
    per_page = fields.Integer(required=True, metadata={"description": "Entries on a full page."})
    total = fields.Integer(required=True, metadata={"description": "Entries on all pages."})
    pages = fields.Integer(
        required=True, metadata={"description": "How many pages there are; 0 without entries."}
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


class MessageSchema(OutputSchema):
    """A sentence for people."""

    message = fields.String(required=True, metadata={"description": "What happened."})
