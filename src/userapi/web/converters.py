"""Path parameters."""

from werkzeug.routing import IntegerConverter, Map

_MAX_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """A database id: 1 to 2^63 - 1, in ASCII digits without leading zeros.

    Anything else matches no route, and is therefore 404.
    """

    regex = r"[1-9][0-9]{0,18}"

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, min=1, max=_MAX_ID)
