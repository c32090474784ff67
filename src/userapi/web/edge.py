"""The edge: what happens to every request before its operation, and to every answer after it.

A request gets its client's address, which proxies in front of the service tell, and a name; then
its body is read whole, up to the limit, before anything else is asked. Who looks the caller up
first lets a client hold back the last byte until its rights have ended, and use them all the same.
And where a body of no declared length ends is known only once it has been read: an answer that is
given before may be followed by a second one, to a body that was malformed, which a proxy takes for
that to somebody's next request. `web.worker` has read it before, within its time; what it refuses
then is answered here, as any other error is. Files that are uploaded are asked about twice, before
they are read and after: see `web.uploads`.
"""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, g, has_request_context, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, default_exceptions

from userapi.kit.client_info import ClientInfo
from userapi.kit.errors import DomainError
from userapi.kit.text import printable
from userapi.kit.tracing import CURRENT_TRACE, Trace, continued
from userapi.web.errors import PROBLEM_TYPE, BodyTooLarge
from userapi.web.proxies import TrustedProxies
from userapi.web.traits import ResponseHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_METHODS_OF_SERVER = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

ADDRESS_LENGTH = 44
"""How many characters are kept of an address: no valid one is longer, but a proxy may err."""

CLIENT_NAME_LENGTH = 64
"""How many characters are kept of what a client calls its request."""

TRUSTED_PROXIES = "TRUSTED_PROXIES"
"""Where the application's configuration has how many proxies are trusted."""

USER_AGENT_LENGTH = 400
"""How many characters are kept of what a client calls itself."""

REQUEST_ID = ResponseHeader(
    "RequestId",
    "X-Request-Id",
    {
        "description": (
            "Names this request in the service's log. The service makes it up; what a client "
            "sends as its own `X-Request-Id` is only logged beside it."
        ),
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "maxLength": 64},
        "example": "0d9c3a5e8b7f4d21",
    },
    on_errors=True,
)
REFUSAL = "userapi.refusal"
"""The name in the environment of what the server asks to refuse the request with, if anything."""

TRACE = "userapi.trace"
"""The name in the environment of the trace that the request is part of."""

_ARRIVAL_HOOKS = "userapi_arrival_hooks"
_ACCEPTABLE_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAME_OF_TRACE = re.compile(r"(?!0{16})[0-9a-f]{32}")


def init_edge(app: Flask, *, trusted_proxies: int) -> None:
    """Receive the requests of `app` and finish its answers; call it before all that looks further.

    `request.remote_addr` is the client's address, as that many proxies tell it.
    """
    app.config[TRUSTED_PROXIES] = trusted_proxies
    app.wsgi_app = TrustedProxies(app.wsgi_app, trusted=trusted_proxies)  # type: ignore[method-assign] # Flask's own way
    app.before_request(_receive)
    app.after_request(_add_headers)
    app.teardown_request(_leave_trace)


def _receive() -> Response | None:
    """Name the request and read it, before anything else is asked."""
    name_request()
    for hook in current_app.extensions.get(_ARRIVAL_HOOKS, ()):
        hook()
    refusal = request.environ.get(REFUSAL)
    if refusal is not None:
        raise refusal
    body_of(request)
    return _answer_for_server()


def init_paths(app: Flask) -> None:
    """Refuse paths that a gate in front of `app` may read in another way than `app` does."""
    app.before_request(_check_path)


def on_arrival(app: Flask, hook: Callable[[], None]) -> None:
    """Call `hook` for each request to `app` that has a name, before anything is read of its body.

    It refuses nothing: where the request ends is not known yet.
    """
    app.extensions.setdefault(_ARRIVAL_HOOKS, []).append(hook)


def name_request() -> None:
    """Name the current request: as a trusted proxy does, if that is a fit name.

    A name of a stranger's choice could be that of somebody else's request: it is only told
    beside ours.
    """
    proposed = request.headers.get(REQUEST_ID.name, "")
    is_trusted = current_app.config[TRUSTED_PROXIES] > 0
    if is_trusted and _ACCEPTABLE_NAME.fullmatch(proposed):
        g.request_id = proposed
    else:
        g.request_id = uuid.uuid4().hex
    if TRACE not in request.environ:
        request.environ[TRACE] = _trace_of(request.environ, g.request_id)
    CURRENT_TRACE.set(request.environ[TRACE])


def _trace_of(environ: Mapping[str, Any], name: str) -> Trace:
    """Return the trace that the caller tells, or a new one, called like the request if it can be.

    A stranger's is as good as a proxy's: it decides nothing, and names no request.
    """
    told = environ.get("HTTP_TRACEPARENT")
    if told and (trace := continued(told, environ.get("HTTP_TRACESTATE", ""))):
        return trace
    trace_id = name if _NAME_OF_TRACE.fullmatch(name) else uuid.uuid4().hex
    return Trace(trace_id, trace_id[:16])


def _leave_trace(_error: BaseException | None) -> None:
    # What the thread says next is of no request.
    CURRENT_TRACE.set(None)


def request_id() -> str | None:
    """Return the current request's name; None outside a request."""
    return g.get("request_id") if has_request_context() else None


def client_request_id(proposed: str | None, name: str | None) -> str | None:
    """Return what a client called its request, fit for the log; None where it is our name too.

    `proposed` is its header, `name` what the request is called here.
    """
    if not proposed or proposed == name:
        return None
    return quote(proposed[:CLIENT_NAME_LENGTH], safe="", errors="replace")


def current_client_info() -> ClientInfo:
    """Return where the current request comes from; an empty origin outside a request."""
    if not has_request_context():
        return ClientInfo()
    address = printable(request.remote_addr or "", ADDRESS_LENGTH)
    user_agent = printable(request.headers.get("User-Agent", ""), USER_AGENT_LENGTH)
    return ClientInfo(
        request_id=request_id(), address=address or None, user_agent=user_agent or None
    )


def body_of(req: Request) -> bytes:
    """Return the body.

    Raises `BodyTooLarge`, `RequestTimeout`, or `BadRequest` when it cannot be read to its end.
    """
    if not _may_have_body(req.environ):
        return b""
    try:
        body = req.get_data()
        # A body of undeclared length is cut at the limit without a word: look for what follows.
        is_full = req.content_length is None and len(body) == req.max_content_length
        is_cut = is_full and bool(req.environ["wsgi.input"].read(1))
    except (HTTPException, DomainError):
        raise
    except Exception as error:
        # Each server has exceptions of its own for chunks that are none.
        raise BadRequest from error
    if is_cut:
        raise BodyTooLarge
    if len(body) < (req.content_length or 0):
        raise BadRequest  # the client has gone before its end: what came may not be what it meant
    return body


def _may_have_body(environ: Mapping[str, Any]) -> bool:
    """Say whether a body may follow the head; in HTTP/1 a header tells of it."""
    is_told = environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")
    return bool(is_told) or not environ.get("SERVER_PROTOCOL", "").startswith("HTTP/1")


def replace_other_error(response: Response) -> Response:
    """Answer an error that was given without being raised as those that are: by its problem."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.mimetype == PROBLEM_TYPE:
        return response
    response.close()
    error = default_exceptions[response.status_code]()
    return current_app.make_response(current_app.handle_http_exception(error))


def answer_preflight() -> Response | None:
    """Answer a browser that asks what a page may send; `web.cors` adds what it may."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return Response(status=HTTPStatus.NO_CONTENT) if asks else None


def _check_path() -> None:
    """Refuse `//path`, which would be taken for `/path`, and `a%2Fb`, which would be for `a/b`."""
    path = request.environ.get("PATH_INFO", "")
    # Each server has its own name for what was sent.
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI", "")
    if path.startswith("//") or "%2F" in target.partition("?")[0].upper():
        raise NotFound


def _answer_for_server() -> Response | None:
    """Answer `OPTIONS *`, which asks about the server and not about one of its paths."""
    if request.method != "OPTIONS" or request.environ.get("PATH_INFO") != "*":
        return None
    return Response(status=HTTPStatus.NO_CONTENT, headers={"Allow": _METHODS_OF_SERVER})


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers[REQUEST_ID.name] = g.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"  # for who does not know of `frame-ancestors`
    headers.setdefault("Content-Security-Policy", API_POLICY)
    # Whatever does not say otherwise may hold somebody's data.
    headers.setdefault("Cache-Control", "no-store")
    has_none = response.status_code == HTTPStatus.NO_CONTENT
    if has_none or response.calculate_content_length() == 0:
        headers.pop("Content-Type", None)
    if request.method == "OPTIONS" and "PATCH" in response.allow:
        headers["Accept-Patch"] = "application/json"  # RFC 5789
    return response
