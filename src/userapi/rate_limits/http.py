"""Rate limits for each client address, on the operations that say `@limited`.

Flask-Limiter counts, before the token and the body are looked at. The answers are ours: a
problem document, and the headers of draft-ietf-httpapi-ratelimit-headers-11.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from typing import NoReturn

from flask import Flask, Response, g, request
from flask_limiter import Limit, Limiter, RequestLimit

from userapi.kit.clock import utc_now
from userapi.kit.text import address_bucket
from userapi.rate_limits.decorator import RATE_LIMIT, RATE_LIMIT_POLICY, RateLimit
from userapi.rate_limits.errors import TooManyRequests
from userapi.rate_limits.store import RateLimitStore
from userapi.web.admission import current_operation


@dataclass(frozen=True, slots=True)
class _Window:
    """What a client may still do in its current window; times are in seconds."""

    name: str
    quota: int
    seconds: int
    remaining: int
    seconds_left: int


def init_limits(app: Flask, *, store: RateLimitStore, limits: Mapping[str, str]) -> None:
    """Limit the operations of `app`; `limits` replace the defaults of those that they name."""
    limiter = Limiter(
        _client,
        default_limits=[
            Limit(
                limit_provider=_limit_provider(limits),
                key_function=_client,
                scope=lambda _: _name_of(_current_limit()),
                shared=True,
            )
        ],
        headers_enabled=False,
        storage_uri=store.uri,
        storage_options=dict(store.options),
        strategy="fixed-window",
        on_breach=_refuse,
    )
    limiter.init_app(app)
    app.before_request(_window_keeper(limiter))
    app.after_request(_tell_window)


def _client() -> str:
    return address_bucket(request.remote_addr)


def _current_limit() -> RateLimit | None:
    operation = current_operation()
    return None if operation is None else operation.find_trait(RateLimit)


def _name_of(limit: RateLimit | None) -> str:
    return "" if limit is None else limit.name


def _limit_provider(limits: Mapping[str, str]) -> Callable[[], str]:
    """Return what tells the current operation's limit; an empty one is no limit."""

    def provide_limit() -> str:
        limit = _current_limit()
        return "" if limit is None else limits.get(limit.name, limit.default)

    return provide_limit


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
        name=_name_of(_current_limit()),
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
        response.headers[RATE_LIMIT.name] = (
            f'"{window.name}";r={window.remaining};t={window.seconds_left}'
        )
        response.headers[RATE_LIMIT_POLICY.name] = (
            f'"{window.name}";q={window.quota};w={window.seconds}'
        )
    return response
