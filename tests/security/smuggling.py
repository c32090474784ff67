"""Requests that two readers may take for different ones."""

import re

from support.paths import LIVE, LOGIN
from support.sockets import exchange

HIDDEN = f"GET {LIVE} HTTP/1.1\r\nHost: api\r\n\r\n"
"""What is smuggled: a request that would get an answer of its own."""
PAIRS = {
    "no-body": HIDDEN + HIDDEN,
    "length": f"POST {LOGIN} HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\n{{}}{HIDDEN}",
}
"""Two requests each that all readers tell apart."""

_CHUNK = f"{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\n\r\n"
_LENGTH = f"Content-Length: {len(HIDDEN)}"
_CHUNKED = "Transfer-Encoding: chunked"
_JSON = "Content-Type: application/json"


def _post(*headers: str, body: str = HIDDEN) -> str:
    """Return a login request with those lines after its `Host`."""
    return "\r\n".join([f"POST {LOGIN} HTTP/1.1", "Host: api", *headers, "", body])


def _get(line: str, *headers: str) -> str:
    """Return a request with that first line, another one after it."""
    return "\r\n".join([line, *headers, "", HIDDEN])


_LENGTHS = {
    **{
        f"length-{name}": _post(f"Content-Length: {value}")
        for name, value in {
            "with-plus": "+5",
            "negative": "-1",
            "hexadecimal": "0x10",
            "exponent": "1e1",
            "float": "5.0",
            "underscore": "1_0",
            "comma": "5,5",
            "two-values": "5, 6",
            "two-words": "5 6",
            "word": "five",
            "empty": "",
            "semicolon": "5;",
            "quoted": '"5"',
            "superscript": "\u00b2",
            "arabic-indic": "\u0665",
            "nul": "5\0",
            "form-feed": "5\f",
            "bare-return": "5\r",
        }.items()
    },
    "lengths-differ": _post("Content-Length: 0", _LENGTH),
    "lengths-differ-swapped": _post(_LENGTH, "Content-Length: 0"),
    "lengths-agree": _post(_LENGTH, _LENGTH),
    "lengths-in-two-cases": _post("content-length: 0", _LENGTH),
}

_ENCODINGS = {
    **{
        f"encoding-{name}": _post(f"Transfer-Encoding: {value}", _LENGTH, body=_CHUNK)
        for name, value in {
            "unknown": "xchunked",
            "chunked-and-unknown": "chunked, x",
            "identity": "identity",
            "chunked-then-identity": "chunked, identity",
            "chunked-twice": "chunked, chunked",
            "gzip": "gzip",
            "empty": "",
            "comma": ",chunked",
            "semicolon": "chunked;q=1",
            "quoted": '"chunked"',
            "vertical-tab": "\x0bchunked",
            "form-feed": "chunked\f",
            "nul": "chunked\0",
            "bare-return": "chunked\r",
            "next-line": "\x85chunked",
            "other-letter": "chun\u212aed",
        }.items()
    },
    "encoding-and-length": _post(_CHUNKED, _LENGTH, body="0\r\n\r\n" + HIDDEN),
    "length-and-encoding": _post("Content-Length: 0", _CHUNKED, body=_CHUNK),
    "encoding-twice": _post(_CHUNKED, _CHUNKED, body="0\r\n\r\n" + HIDDEN),
    "encoding-and-another": _post(_CHUNKED, "Transfer-Encoding: x", body="0\r\n\r\n" + HIDDEN),
    "another-and-encoding": _post("Transfer-Encoding: x", _CHUNKED, body="0\r\n\r\n" + HIDDEN),
    "encoding-in-version-1.0": _post(_CHUNKED, _LENGTH).replace("HTTP/1.1", "HTTP/1.0", 1),
    "encoding-alone-in-version-1.0": _post(_CHUNKED, body="0\r\n\r\n" + HIDDEN).replace(
        "HTTP/1.1", "HTTP/1.0", 1
    ),
}

_NAMES = {
    f"name-{name}": _post(line, "Content-Length: 0")
    for name, line in {
        "blank-before-colon": "Transfer-Encoding : chunked",
        "tab-before-colon": "Transfer-Encoding\t: chunked",
        "blank-first": " Transfer-Encoding: chunked",
        "tab-first": "\tTransfer-Encoding: chunked",
        "folded": "X: y\r\n Transfer-Encoding: chunked",
        "folded-by-tab": "X: y\r\n\tTransfer-Encoding: chunked",
        "value-folded": "Transfer-Encoding:\r\n chunked",
        "no-colon": "Transfer-Encoding chunked",
        "empty": ": chunked",
        "nul": "Transfer-Encoding\0: chunked",
        "vertical-tab": "Transfer-Encoding\x0b: chunked",
        "slash": "Transfer/Encoding: chunked",
        "parentheses": "Transfer(Encoding): chunked",
        "bare-return": "X: y\rTransfer-Encoding: chunked",
        "bare-line-feed": "X: y\nTransfer-Encoding: chunked",
        "latin-1": "Transf\u00e9r-Encoding: chunked",
    }.items()
}

_MALFORMED = {
    "no-hexadecimal": "g\r\n\r\n",
    "negative": "-1\r\n\r\n",
    "with-plus": "+0\r\n\r\n",
    "prefixed": "0x0\r\n\r\n",
    "underscore": "0_0\r\n\r\n",
    "blank-first": " 0\r\n\r\n",
    "empty": "\r\n\r\n",
    "quoted": '"0"\r\n\r\n',
    "huge": "f" * 40 + "\r\n\r\n",
    "wraps-round": "100000000\r\n\r\n",
    "nul": "0\0\r\n\r\n",
    "too-short": "1\r\nabc\r\n0\r\n\r\n",
    "without-its-end": "3\r\nabc0\r\n\r\n",
    "ended-by-line-feeds": "3\nabc\n0\n\n",
    "ended-by-return": "3\rabc\r0\r\r",
    "extension-with-line-feed": "3;x\nabc\r\n0\r\n\r\n",
}

_CHUNKS = {
    f"chunk-{name}-{where}": request.replace(LOGIN, path, 1)
    for name, body in _MALFORMED.items()
    for where, path, request in (
        # Where the body is read, where it is not, and where nobody asks for one.
        ("read", LOGIN, _post(_JSON, _CHUNKED, body=body + HIDDEN)),
        ("unread", LOGIN, _post(_CHUNKED, body=body + HIDDEN)),
        ("nowhere", "//nowhere", _post(_CHUNKED, body=body + HIDDEN)),
    )
}

_LINES = {
    "host-twice": _get(f"GET {LIVE} HTTP/1.1", "Host: api", "Host: other"),
    "host-twice-the-same": _get(f"GET {LIVE} HTTP/1.1", "Host: api", "Host: api"),
    "no-version": _get(f"GET {LIVE}", "Host: api"),
    "version-2": _get(f"GET {LIVE} HTTP/2.0", "Host: api"),
    "version-in-lower-case": _get(f"GET {LIVE} http/1.1", "Host: api"),
    "version-in-other-digits": _get(f"GET {LIVE} HTTP/1.\u0661", "Host: api"),
    "version-with-more": _get(f"GET {LIVE} HTTP/1.1 HTTP/1.1", "Host: api"),
    "method-with-nul": _get(f"G\0T {LIVE} HTTP/1.1", "Host: api"),
    "method-with-colon": _get(f"GET: {LIVE} HTTP/1.1", "Host: api"),
    "path-with-line-feed": _get("GET /a\nX: y HTTP/1.1", "Host: api"),
    "path-with-return": _get("GET /a\rb HTTP/1.1", "Host: api"),
    "path-with-nul": _get("GET /a\0b HTTP/1.1", "Host: api"),
    "path-with-blank": _get("GET /a b HTTP/1.1", "Host: api"),
    "only-line-feeds": _post("Content-Length: 0").replace("\r\n", "\n", 3),
}

CORPUS: dict[str, str] = {**_LENGTHS, **_ENCODINGS, **_NAMES, **_CHUNKS, **_LINES}


def statuses_of(url: str, request: str) -> list[int]:
    """Send `request` over a connection of its own; return the status of each answer to it.

    All that is sent is followed by the connection's end, so that nobody waits for more.
    """
    answered = exchange(url, request.encode("utf-8"))
    return [int(status) for status in re.findall(rb"HTTP/[0-9.]+ ([0-9]{3}) ", answered)]
