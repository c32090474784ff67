"""One-time tokens on the wire."""

from typing import Any

from userapi.web.fields import SingleLineString

_TOKEN_MAX_LENGTH = 100


class OneTimeTokenField(SingleLineString):
    """The token of a mailed link, as it comes in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_length=1,
            max_length=_TOKEN_MAX_LENGTH,
            metadata={"format": "password", "description": "What the mailed link carries."},
            **{"required": True, **kwargs},
        )
