"""CORS: what pages of other origins may send and read.

Preflights are answered before anything else looks at them: also for paths that there are not, so
that the page gets to read the 404.
"""

import re
from collections.abc import Iterable

from flask import Flask, Response
from flask_cors import CORS

from userapi.web.common_facts import with_common_facts
from userapi.web.edge import REQUEST_ID, answer_preflight
from userapi.web.operation import Operation
from userapi.web.problem_docs import HEADERS_OF_PROBLEMS

_ONE_HOUR = 60 * 60
_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")
_SENT_ANYWAY = {
    "Authorization",
    "Content-Type",
    REQUEST_ID.name,
    # Libraries in browsers add these by themselves.
    *("baggage", "traceparent", "tracestate", "X-Requested-With"),
}
_TOLD_ANYWAY = {
    *("Accept-Patch", "Allow", "Date", REQUEST_ID.name),
    *(header.name for header in HEADERS_OF_PROBLEMS),
}
_READABLE_ANYWAY = {"Cache-Control"}
"""What browsers let every page read, whether it is named or not."""


def init_preflights(app: Flask, *, origins: tuple[str, ...]) -> None:
    """Answer preflights of pages before anything else looks at them; call it early."""
    if origins:
        app.before_request(answer_preflight)


def init_cors(
    app: Flask,
    *,
    origins: tuple[str, ...],
    allow_headers: tuple[str, ...],
    operations: Iterable[Operation],
) -> None:
    """Let pages of these origins call `operations`; `*` stands for all origins.

    They may send `allow_headers` besides those that the operations read.
    """
    if not origins:
        return
    is_for_all = "*" in origins
    complete = [with_common_facts(app, operation) for operation in operations]
    traits = [trait for operation in complete for trait in operation.traits]
    sent = {parameter.name for trait in traits for parameter in trait.parameters}
    told = {header.name for trait in traits for header in trait.headers} - _READABLE_ANYWAY
    if not is_for_all:
        app.after_request(_add_vary)
    CORS(
        app,
        origins="*" if is_for_all else [_exactly(origin) for origin in origins],
        send_wildcard=is_for_all,
        methods=_METHODS,
        allow_headers=sorted(_SENT_ANYWAY | sent | {*allow_headers}),
        expose_headers=sorted(_TOLD_ANYWAY | told),
        max_age=_ONE_HOUR,
    )


def _exactly(origin: str) -> re.Pattern[str]:
    """Return a pattern, for the library takes brackets of IPv6 for one anyway."""
    return re.compile(re.escape(origin) + r"\Z")


def _add_vary(response: Response) -> Response:
    """Keep caches from handing to one origin what was answered to another, or to none."""
    response.vary.add("Origin")
    return response
