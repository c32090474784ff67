"""Rate limits for each client address, on the operations that say `@blp.limit`.

Flask-Limiter counts, before the token and the body are looked at. The answers are ours: a
problem document, and the headers of draft-ietf-httpapi-ratelimit-headers-11.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any, NoReturn

from flask import Flask, Response, g, request
from flask_limiter import Limit, Limiter, RequestLimit

from userapi.kit.addresses import address_bucket
from userapi.kit.clock import utc_now
from userapi.kit.limits import LimitedOperation
from userapi.web.errors import TooManyRequests
from userapi.web.operation import current_facts, limit_in

HEADER = "RateLimit"
POLICY_HEADER = "RateLimit-Policy"


@dataclass(frozen=True, slots=True)
class _Window:
    """What a client may still do in its current window; times are in seconds."""

    name: str
    quota: int
    seconds: int
    remaining: int
    seconds_left: int


def init_limits(
    app: Flask,
    *,
    limits: Mapping[LimitedOperation, str],
    storage_uri: str,
    storage_options: Mapping[str, Any],
) -> None:
    """Limit the operations of `app`; each limit is in the notation of the library `limits`."""
    limiter = Limiter(
        _client,
        default_limits=[
            Limit(
                limit_provider=_limit_provider(limits),
                key_function=_client,
                scope=lambda _: _limited_operation() or "",
                shared=True,
            )
        ],
        headers_enabled=False,
        storage_uri=storage_uri,
        storage_options=dict(storage_options),
        strategy="fixed-window",
        on_breach=_refuse,
    )
    limiter.init_app(app)
    app.before_request(_window_keeper(limiter))
    app.after_request(_tell_window)


def _client() -> str:
    return address_bucket(request.remote_addr)


def _limited_operation() -> LimitedOperation | None:
    facts = current_facts()
    return None if facts is None else limit_in(facts)


def _limit_provider(limits: Mapping[LimitedOperation, str]) -> Callable[[], str]:
    """Return what tells the current operation's limit; an empty one is no limit."""

    def limit() -> str:
        operation = _limited_operation()
        return "" if operation is None else limits[operation]

    return limit


def _refuse(limit: RequestLimit) -> NoReturn:
    window = _keep_window(limit)
    raise TooManyRequests(window.seconds_left)


def _window_keeper(limiter: Limiter) -> Callable[[], None]:
    def keep_window() -> None:
        if limiter.current_limit is not None:
            _keep_window(limiter.current_limit)

    return keep_window


def _keep_window(limit: RequestLimit) -> _Window:
    """Ask the store once, before the operation: afterwards a failure could not be answered."""
    seconds = limit.limit.get_expiry()
    seconds_left = floor(limit.window.reset_time - utc_now().timestamp()) + 1
    window = _Window(
        name=str(_limited_operation()),
        quota=limit.limit.amount,
        seconds=seconds,
        remaining=limit.remaining,
        seconds_left=min(max(1, seconds_left), seconds),
    )
    g.rate_limit_window = window
    return window


def _tell_window(response: Response) -> Response:
    if "rate_limit_window" in g:
        window: _Window = g.rate_limit_window
        response.headers[HEADER] = f'"{window.name}";r={window.remaining};t={window.seconds_left}'
        response.headers[POLICY_HEADER] = f'"{window.name}";q={window.quota};w={window.seconds}'
    return response
