"""The headers that every response has, CORS, and the paths that are refused before."""

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.exceptions import NotFound

from userapi.web.idempotency import HEADER as IDEMPOTENCY_KEY_HEADER
from userapi.web.idempotency import REPLAYED_HEADER
from userapi.web.limits import HEADER as RATE_LIMIT_HEADER
from userapi.web.limits import POLICY_HEADER as RATE_LIMIT_POLICY_HEADER
from userapi.web.request_id import HEADER as REQUEST_ID_HEADER

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_ONE_YEAR = 365 * 24 * 60 * 60
_ONE_HOUR = 60 * 60


def init_headers(app: Flask, *, cors_origins: tuple[str, ...], strict_transport: bool) -> None:
    """Add the response headers of `app`."""
    app.before_request(_refuse_doubled_slash)
    app.after_request(_add_security_headers)
    if strict_transport:
        app.after_request(_add_strict_transport)
    if cors_origins:
        CORS(
            app,
            origins="*" if "*" in cors_origins else list(cors_origins),
            send_wildcard="*" in cors_origins,
            methods=["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "If-Match",
                "If-None-Match",
                IDEMPOTENCY_KEY_HEADER,
            ],
            expose_headers=[
                "ETag",
                "Location",
                "Link",
                RATE_LIMIT_HEADER,
                RATE_LIMIT_POLICY_HEADER,
                "Retry-After",
                REPLAYED_HEADER,
                REQUEST_ID_HEADER,
            ],
            max_age=_ONE_HOUR,
        )


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
