"""Path parameters."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map, UUIDConverter

from userapi.web.fields import integer_format
from userapi.web.output_fields import MAX_ID, UUID_LENGTH


class IdConverter(IntegerConverter):
    """A database id: 1 to 2^63 - 1, in ASCII digits without leading zeros.

    Anything else matches no route, and is therefore 404.
    """

    regex = r"[1-9][0-9]{0,18}"

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, min=1, max=MAX_ID)


def id_schema(_: IdConverter) -> dict[str, Any]:
    """Return what the document tells of a database id."""
    bounds = {"minimum": 1, "maximum": MAX_ID}
    return {"type": "integer", "format": integer_format(1, MAX_ID), **bounds}


def uuid_schema(_: UUIDConverter) -> dict[str, Any]:
    """Return what the document tells of an id that is a UUID."""
    return {"type": "string", "format": "uuid", "maxLength": UUID_LENGTH}
