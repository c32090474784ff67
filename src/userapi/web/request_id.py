"""A name for every request: `X-Request-Id`, the caller's own or a new one."""

import re
import uuid

from flask import Flask, Response, g, has_request_context, request

from userapi.web.traits import ResponseHeader

REQUEST_ID = ResponseHeader(
    "RequestId",
    "X-Request-Id",
    {
        "description": "Names this request in the service's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "example": "0d9c3a5e8b7f4d21",
    },
    on_errors=True,
)
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def init_request_id(app: Flask) -> None:
    """Name every request of `app`, and tell the name in the response."""
    app.before_request(name_request)
    app.after_request(_tell_name)


def name_request() -> None:
    """Name the current request: as its caller does, if that is a fit name."""
    proposed = request.headers.get(REQUEST_ID.name, "")
    g.request_id = proposed if _ACCEPTABLE.fullmatch(proposed) else uuid.uuid4().hex


def request_id() -> str | None:
    """Return the current request's name; None outside a request."""
    return g.get("request_id") if has_request_context() else None


def _tell_name(response: Response) -> Response:
    response.headers[REQUEST_ID.name] = g.request_id
    return response
