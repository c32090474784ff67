"""What the document tells of conditional requests."""

from http import HTTPStatus

from userapi.web.traits import HeaderParameter, ResponseHeader, Trait

MAX_TAGS_LENGTH = 1_000
_ONE = r'((W/)?"[!#-~\u0080-\u00ff]*"|[!#-+\--~]+)'
TAGS_PATTERN = rf"^[ \t,]*{_ONE}([ \t]*,[ \t,]*{_ONE})*[ \t,]*$"
"""A list of entity tags or `*`, as RFC 9110 has it; the quotes of a strong tag are optional."""

TAGS_SCHEMA = {"type": "string", "pattern": TAGS_PATTERN, "maxLength": MAX_TAGS_LENGTH}
"""The values that `If-Match` and `If-None-Match` may have."""

_TAG_LENGTH = 200  # of our own, which are far shorter


def _tags(component: str, name: str, description: str) -> HeaderParameter:
    definition = {"description": description, "schema": TAGS_SCHEMA, "example": '"7-3"'}
    return HeaderParameter(component, name, definition)


_IF_MATCH = _tags(
    "IfMatch",
    "If-Match",
    "The `ETag` of the version that the request is made for, or several, or `*` for any; while "
    "there is another one the answer is 412. Without it any will do.",
)
_IF_NONE_MATCH = _tags(
    "IfNoneMatch",
    "If-None-Match",
    "The `ETag` of what the caller has already; while it is current the answer is 304.",
)
TAGGED = Trait(
    name="tagged",
    headers=(
        ResponseHeader(
            "ETag",
            "ETag",
            {
                "description": (
                    "The version of what is answered, for `If-Match` and `If-None-Match`."
                ),
                "required": True,
                "schema": {"type": "string", "pattern": r'^"[!#-~]+"$', "maxLength": _TAG_LENGTH},
                "example": '"7-3"',
            },
        ),
    ),
)
REVALIDATED = Trait(
    name="revalidated",
    parameters=(_IF_MATCH, _IF_NONE_MATCH),
    responses={int(HTTPStatus.NOT_MODIFIED): "What the caller has already is current."},
    reads_only=True,
)
CACHEABLE = Trait(
    name="cacheable",
    headers=(
        ResponseHeader(
            "CacheControl",
            "Cache-Control",
            {
                "description": "That anybody may keep the answer, and for how many seconds.",
                "required": True,
                "schema": {
                    "type": "string",
                    "pattern": "^public, max-age=[0-9]+$",
                    "maxLength": 40,
                },
                "example": "public, max-age=300",
            },
        ),
    ),
)
CONDITIONAL = Trait(name="if-match", parameters=(_IF_MATCH,))
