"""The heads of requests: where they end, and what RFC 9110 and 9112 ask of them.

gunicorn's own parser reads them, once they are complete. It lets some pass that a server must
refuse; these are refused here with its errors.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from gunicorn.config import Config
from gunicorn.http.errors import (
    InvalidHeader,
    InvalidRequestLine,
    LimitRequestHeaders,
    LimitRequestLine,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

HEAD_BYTES = 64 * 1024
"""How long a whole head may be; its lines have limits of their own."""

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
"""The methods that the server knows, though not each path has all of them."""

_END = b"\r\n\r\n"
_HOST_NAME = "HOST"
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
# uri-host [ ":" port ] of RFC 3986; it may be empty.
_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+\]"
    r"|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?",
    re.ASCII,
)


class _Request(Request):  # type: ignore[misc] # the library is untyped
    """gunicorn's request."""

    def _peer_is_trusted_proxy(self) -> bool:
        """Say no at once where nobody is trusted, as `userapi serve` has it."""
        if isinstance(self.peer_addr, tuple) and not self.cfg.forwarded_allow_ips:
            return False
        return bool(super()._peer_is_trusted_proxy())


def end_of_head(received: bytearray, searched: int, line_limit: int) -> int:
    """Return where the head ends, or -1 while it has no end.

    The first `searched` bytes were looked at before. Raises gunicorn's errors for what will be
    refused however it goes on.
    """
    if len(received) > line_limit + 1 and received.find(b"\r\n", 0, line_limit + 2) < 0:
        raise LimitRequestLine(len(received), line_limit)
    end = received.find(_END, max(0, searched - 3))
    if (len(received) if end < 0 else end) > HEAD_BYTES:
        message = "limit request headers size"
        raise LimitRequestHeaders(message)
    if end >= 0:
        return end + len(_END)
    if _BARE_LINE_FEED.search(received, searched):
        message = "bare LF as line terminator"
        raise InvalidHeader(message)
    return -1


def parse_head(cfg: Config, head: bytes, client: Any, number: int) -> Any:
    """Return the request of a complete head, the connection's request of that number.

    It `awaits_permission` when its client wants to hear "100 Continue" before it sends the body.
    Raises gunicorn's errors.
    """
    request = _Request(cfg, IterUnreader([head]), client, number)
    if "#" in request.uri:
        raise InvalidRequestLine(request.uri)
    _check_coding(request)
    _check_host(request)
    _mark_end_of_connection(request)
    # gunicorn would give the permission when the application is called.
    request.awaits_permission = request._expected_100_continue  # noqa: SLF001
    request._expected_100_continue = False  # noqa: SLF001
    return request


def _values(request: Any, name: str) -> list[str]:
    return [value for header, value in request.headers if header == name]


def _check_coding(request: Any) -> None:
    """Refuse every transfer coding but chunked, which gunicorn takes for a body as it is."""
    values = _values(request, "TRANSFER-ENCODING")
    codings = [coding.strip(" \t").lower() for value in values for coding in value.split(",")]
    if codings and codings != ["chunked"]:
        raise UnsupportedTransferCoding(values[0])


def _check_host(request: Any) -> None:
    """Refuse a request without a valid host; that of a target in absolute form is what counts."""
    hosts = _values(request, _HOST_NAME)
    if not hosts and request.version >= (1, 1):
        raise InvalidHeader(_HOST_NAME, req=request)
    if not request.uri.startswith("/") and "://" in request.uri:
        _take_absolute_form(request)
        hosts.extend(_values(request, _HOST_NAME))
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise InvalidHeader(_HOST_NAME, req=request)


def _take_absolute_form(request: Any) -> None:
    target = urlsplit(request.uri)
    if target.scheme not in ("http", "https") or not target.hostname or "@" in target.netloc:
        raise InvalidRequestLine(request.uri)
    is_for_server = request.method == "OPTIONS" and not target.path and not target.query
    request.path = "*" if is_for_server else target.path or "/"
    others = [(name, value) for name, value in request.headers if name != _HOST_NAME]
    request.headers = [(_HOST_NAME, target.netloc), *others]


def _mark_end_of_connection(request: Any) -> None:
    """Close after the answer when any of the options says so; gunicorn looks for that alone."""
    values = _values(request, "CONNECTION")
    options = [option.strip(" \t").lower() for value in values for option in value.split(",")]
    if "close" in options:
        request.force_close()
