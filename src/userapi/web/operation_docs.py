"""How an operation's facts appear in the API's document."""

from http import HTTPStatus
from typing import Any

import apispec

from userapi.web.conditional import TAGS_SCHEMA
from userapi.web.idempotency import HEADER as IDEMPOTENCY_KEY
from userapi.web.idempotency import KEY_PATTERN, REPLAYED_HEADER
from userapi.web.limits import HEADER as RATE_LIMIT
from userapi.web.limits import POLICY_HEADER as RATE_LIMIT_POLICY
from userapi.web.operation import (
    Facts,
    Trait,
    access_in,
    has_trait,
    limit_in,
    links_in,
    problems_in,
    security_in,
)
from userapi.web.problem_docs import problem_responses
from userapi.web.request_id import HEADER as REQUEST_ID

_HEADERS: dict[str, dict[str, Any]] = {
    "CacheControl": {
        "description": "That anybody may keep the answer, and for how many seconds.",
        "required": True,
        "schema": {"type": "string", "pattern": "^public, max-age=[0-9]+$"},
        "example": "public, max-age=300",
    },
    "ETag": {
        "description": "The version of what is answered, for `If-Match` and `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[!#-~]+"$'},
        "example": '"7-3"',
    },
    "IdempotencyReplayed": {
        "description": "Present when this is the first answer again: nothing was done anew.",
        "schema": {"type": "string", "x-known-values": ["true"]},
    },
    "Link": {
        "description": "The first, last, previous and next page, as far as there are any.",
        "required": True,
        "schema": {"type": "string"},
        "example": '</api/v1/posts?page=1>; rel="first", </api/v1/posts?page=2>; rel="last"',
    },
    "Location": {
        "description": "The path of what was created.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/api/v1/users/7",
    },
    "RateLimit": {
        "description": (
            "How many requests are left (`r`), and for how many seconds (`t`); absent where "
            "limits are switched off, and from what was refused before it was counted."
        ),
        "schema": {"type": "string", "pattern": r'^"[a-z-]+";r=[0-9]+;t=[0-9]+$'},
        "example": '"login";r=29;t=300',
    },
    "RateLimitPolicy": {
        "description": (
            "How many requests (`q`) a client address may make in how many seconds (`w`); absent "
            "where limits are switched off, and from what was refused before it was counted."
        ),
        "schema": {"type": "string", "pattern": r'^"[a-z-]+";q=[0-9]+;w=[0-9]+$'},
        "example": '"login";q=30;w=300',
    },
    "RequestId": {
        "description": "Names this request in the service's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "example": "0d9c3a5e8b7f4d21",
    },
    "RetryAfter": {
        "description": "After how many seconds to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "example": 5,
    },
    "WWWAuthenticate": {
        "description": "The challenge, as RFC 6750 has it.",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Bearer realm="userapi"',
    },
}

_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": IDEMPOTENCY_KEY,
        "description": (
            "Makes it safe to send this again: for 24 hours the same key with the same body gets "
            "the first answer again. The caller chooses it, at best a random UUID."
        ),
        "schema": {"type": "string", "pattern": KEY_PATTERN},
        "example": "0b4e8a3c-5d1f-4c0a-9a53-6b1f6c3f1a2e",
    },
    "IfMatch": {
        "name": "If-Match",
        "description": (
            "The `ETag` of the version that the edit is made for, or several, or `*` for any; "
            "without it the edit is made for whatever is there."
        ),
        "schema": TAGS_SCHEMA,
        "example": '"7-3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": (
            "The `ETag` of what the caller has already; while it is current the answer is 304."
        ),
        "schema": TAGS_SCHEMA,
        "example": '"7-3"',
    },
}


def register_components(spec: apispec.APISpec) -> None:
    """Add the headers and the parameters that operations refer to."""
    for name, header in _HEADERS.items():
        spec.components.header(name, header)
    for name, parameter in _PARAMETERS.items():
        spec.components.parameter(name, "header", parameter)


def describe_operation(doc: Facts, facts: Facts, *, method: str, **_: Any) -> Facts:
    """Add to an operation's document all that our decorators recorded."""
    doc |= {"security": security_in(facts), **access_in(facts)}
    success = min(doc["responses"])
    _describe_success(doc["responses"][success], facts)
    responses = doc["responses"] | problem_responses(problems_in(facts))
    if method == "get" and has_trait(facts, Trait.TAGGED):
        responses[int(HTTPStatus.NOT_MODIFIED)] = {
            "description": "What the caller has already is current.",
            "headers": _tag_headers(facts),
        }
    for response in responses.values():
        response["headers"] = {**response.get("headers", {}), **_headers_of_every_answer(facts)}
    doc["responses"] = {status: responses[status] for status in sorted(responses)}
    parameters = [*doc.get("parameters", []), *_parameters(facts, method)]
    return {**doc, "parameters": parameters} if parameters else doc


def _headers_of_every_answer(facts: Facts) -> Facts:
    headers = {REQUEST_ID: _header("RequestId")}
    if limit_in(facts) is not None:
        headers[RATE_LIMIT] = _header("RateLimit")
        headers[RATE_LIMIT_POLICY] = _header("RateLimitPolicy")
    return headers


def _describe_success(response: Facts, facts: Facts) -> None:
    headers = response.setdefault("headers", {})
    if has_trait(facts, Trait.TAGGED):
        headers.update(_tag_headers(facts))
    if has_trait(facts, Trait.IDEMPOTENT):
        headers[REPLAYED_HEADER] = _header("IdempotencyReplayed")
    if links := links_in(facts):
        response["links"] = {link.operation: link.as_document() for link in links}


def _tag_headers(facts: Facts) -> Facts:
    cached = {"Cache-Control": _header("CacheControl")} if has_trait(facts, Trait.CACHEABLE) else {}
    return {"ETag": _header("ETag"), **cached}


def _parameters(facts: Facts, method: str) -> list[str]:
    """Return the components of the header parameters that the operation reads."""
    parameters = {
        "IdempotencyKey": has_trait(facts, Trait.IDEMPOTENT),
        "IfMatch": has_trait(facts, Trait.IF_MATCH),
        "IfNoneMatch": method == "get" and has_trait(facts, Trait.TAGGED),
    }
    return [name for name, is_read in parameters.items() if is_read]


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}
