"""The limits at work: each request is counted for its client, each change for its user.

What is counted for a client address, on the operations that say `@limited`, is counted in the
store; all else is counted in memory. The headers are those of
draft-ietf-httpapi-ratelimit-headers-11.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from math import ceil

from flask import Flask, Response, g, request

from userapi.kit.pagination import DEFAULT_PER_PAGE, MAX_PER_PAGE
from userapi.kit.principal import Principal
from userapi.kit.text import address_bucket
from userapi.rate_limits.decorator import (
    BYTES_OF_A_CHANGE,
    ITEMS_OF_A_REQUEST,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    ClientCount,
    OwnCount,
    RateLimit,
    Unlimited,
)
from userapi.rate_limits.errors import TooManyRequests
from userapi.rate_limits.memory import MemoryLimit
from userapi.rate_limits.store import RateLimitStore
from userapi.rate_limits.stored_limits import StoredLimit
from userapi.rate_limits.windows import (
    Window,
    limits_header,
    most_pressing_first,
    policies_header,
    seconds_until_free,
)
from userapi.web.admission import current_operation, on_authentication
from userapi.web.edge import on_arrival
from userapi.web.operation import Operation
from userapi.web.traits import Listing

_SAFE = ("GET", "HEAD")
_MOST_DIGITS = 9
_MOST_OF_A_BODY = 99


def init_general_limits(app: Flask, *, clients: MemoryLimit, writes: MemoryLimit) -> None:
    """Limit every request to `app` for its client, and every change for its user."""
    on_arrival(app, partial(_count_for_client, clients))
    app.before_request(_refuse_client)
    on_authentication(app, partial(_count_for_user, writes))
    app.after_request(_add_headers)


def init_named_limits(app: Flask, *, store: RateLimitStore, limits: Mapping[str, str]) -> None:
    """Limit the operations that say so; `limits` replace the defaults of those that they name."""

    @cache
    def limit_named(name: str, default: str) -> StoredLimit | None:
        limit = limits.get(name, default)
        return StoredLimit(name=name, limit=limit, store=store) if limit else None

    app.before_request(partial(_count_for_operation, limit_named))


def cost_of(operation: Operation | None) -> int:
    """Return what the current request costs: 1, and for a list more, by what it asks for."""
    listing = None if operation is None else operation.find_trait(Listing)
    if listing is None:
        return 1
    wanted = request.args.get(listing.size_parameter, "")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS
    items = min(int(wanted), MAX_PER_PAGE) if is_number else DEFAULT_PER_PAGE
    return 1 + ceil(items / ITEMS_OF_A_REQUEST)


def cost_of_change() -> int:
    """Return what the current request costs its user: 1, and for a long body more."""
    return 1 + min(len(request.get_data()) // BYTES_OF_A_CHANGE, _MOST_OF_A_BODY)


def _client() -> str:
    return address_bucket(request.remote_addr)


def _count_for_client(clients: MemoryLimit) -> None:
    operation = current_operation()
    is_unlimited = operation is not None and operation.find_trait(Unlimited) is not None
    # A preflight costs no more than its refusal, which a browser could not explain.
    if not is_unlimited and request.method != "OPTIONS":
        _keep(clients.use(_client(), cost_of(operation)))


def _refuse_client() -> None:
    _ensure_free(g.get("rate_limit_windows", ()))


def _count_for_user(writes: MemoryLimit, operation: Operation, principal: Principal) -> None:
    is_free = operation.find_trait(Unlimited) or operation.find_trait(ClientCount)
    if request.method in _SAFE or is_free:
        return
    by_session = operation.find_trait(OwnCount) is not None
    own = f"session {principal.credential.session_id} {request.endpoint} {request.method}"
    key = own if by_session else str(principal.user_id)
    windows = writes.use(key, cost_of_change())
    _keep(windows)
    _ensure_free(windows)


def _count_for_operation(limit_named: Callable[[str, str], StoredLimit | None]) -> None:
    """Count in the store, before the operation: afterwards its failure could not be answered."""
    operation = current_operation()
    declared = None if operation is None else operation.find_trait(RateLimit)
    limit = None if declared is None else limit_named(declared.name, declared.default)
    if limit is not None:
        windows = [limit.use(_client())]
        _keep(windows)
        _ensure_free(windows)


def _ensure_free(windows: Iterable[Window]) -> None:
    seconds = seconds_until_free(windows)
    if seconds > 0:
        raise TooManyRequests(seconds)


def _keep(windows: Iterable[Window]) -> None:
    """Keep what the answer is to tell."""
    g.setdefault("rate_limit_windows", []).extend(windows)


def _add_headers(response: Response) -> Response:
    windows = most_pressing_first(g.get("rate_limit_windows", ()))
    if windows:
        response.headers[RATE_LIMIT.name] = limits_header(windows)
        response.headers[RATE_LIMIT_POLICY.name] = policies_header(windows)
    return response
