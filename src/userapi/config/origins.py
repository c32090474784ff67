"""Web origins and names of headers, as CORS compares them: character by character."""

import re
from ipaddress import IPv6Address

_GENERAL = "must be * or origins such as https://app.example.com, with commas"
_PARTS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
_HOST = re.compile(r"(?P<host>[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?")
_MAX_PORT = 65_535
_DEFAULT_PORTS = {"http": "80", "https": "443"}
# What these show has the origin null, or is no page.
_WITHOUT_ORIGIN = {"about", "blob", "data", "file", "ftp", "javascript", "ws", "wss"}
# Not all that RFC 9110 lets a name have: Flask-CORS takes some of it for a regular expression.
_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]+")


def as_origins(text: str) -> tuple[str, ...]:
    """Return web origins that are separated by commas, as browsers spell them; `*` means all."""
    return tuple(_as_origin(entry) for entry in _entries(text))


def as_header_names(text: str) -> tuple[str, ...]:
    """Return names of headers that are separated by commas."""
    names = tuple(_entries(text))
    if not all(_HEADER_NAME.fullmatch(name) for name in names):
        message = "must be names of headers, with commas; there is no * for all"
        raise ValueError(message)
    return names


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _as_origin(entry: str) -> str:
    if entry == "*":
        return entry
    parts = _PARTS.fullmatch(entry.lower())
    fault = _fault_of(entry, parts)
    host = _HOST.fullmatch(parts["authority"]) if parts else None
    if fault or not parts or not host:
        raise ValueError(fault or _GENERAL)
    name, port = host["host"], host["port"]
    if name.startswith("["):
        name = f"[{_ipv6(name[1:-1])}]"
    if port is None or port == _DEFAULT_PORTS.get(parts["scheme"]):
        return f"{parts['scheme']}://{name}"
    if not 0 < int(port) <= _MAX_PORT:
        raise ValueError(_GENERAL)
    return f"{parts['scheme']}://{name}:{int(port)}"


def _fault_of(entry: str, parts: re.Match[str] | None) -> str | None:
    """Return what is to be mended, where that can be told."""
    if entry.lower() == "null":
        return "must not have null: it is the origin of anybody's sandboxed pages and local files"
    if parts is None:
        return None
    faults = {
        "must have origins without a slash at the end": parts["rest"] == "/",
        "must have origins without path, query or fragment": parts["rest"] not in ("", "/"),
        "must have origins without a user": "@" in parts["authority"],
        "must name each host in full, without * in it": "*" in parts["authority"],
        "must have hosts in ASCII, as browsers send them: xn--...": not entry.isascii(),
        f"must not have pages of {parts['scheme']}: they have no origin of their own": parts[
            "scheme"
        ]
        in _WITHOUT_ORIGIN,
    }
    return next((fault for fault, is_there in faults.items() if is_there), None)


def _ipv6(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except ValueError:
        raise ValueError(_GENERAL) from None
