"""The headers that every response has, and the paths that are refused before."""

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_ONE_YEAR = 365 * 24 * 60 * 60


def init_headers(app: Flask, *, strict_transport: bool) -> None:
    """Add the response headers of `app`."""
    app.before_request(_refuse_doubled_slash)
    app.after_request(_add_security_headers)
    if strict_transport:
        app.after_request(_add_strict_transport)


def _refuse_doubled_slash() -> None:
    """Refuse `//path`, which would be taken for `/path`: a gate in front may not see it so."""
    if request.environ.get("PATH_INFO", "").startswith("//"):
        raise NotFound


def _add_security_headers(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault("Content-Security-Policy", API_POLICY)
    # Whatever does not say otherwise may hold somebody's data.
    headers.setdefault("Cache-Control", "no-store")
    return response


def _add_strict_transport(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}; includeSubDomains"
    return response
