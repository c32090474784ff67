"""Text that comes in: one spelling for each network address, and what may be kept."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NO_ADDRESS = "none"
"""The bucket of all clients whose address is not known, as on a Unix socket."""

_LONGEST_ADDRESS = 45  # six groups and an IPv4 address
_KNOWN_ADDRESSES = 1_000
_BITS_OF_ONE_CLIENT = 64  # what a provider gives to a single customer at least
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]+)\](:[0-9]{1,5})?")
# Parts of character classes, which every dialect of regular expressions reads alike: controls and
# what else ends a line; what turns the direction of the text around it; and what shows nothing by
# itself besides (spaces, fillers, marks), as far as it is in Unicode's first plane.
_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    r"\u0020\u00a0\u00ad\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u115f\u1160\u1680\u17b4\u17b5"
    r"\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u2000-\u200d\u202f\u205f-\u2065\u206a-\u206f"
    r"\u20d0-\u20ff\u2800\u3000\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\ufffb"
)
_INVISIBLE_ELSEWHERE = (
    "\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)

LINE_PATTERN = rf"^[^{_CONTROLS}]*$"
"""Text on one line."""

VISIBLE_PATTERN = (
    rf"^[\u0001-{_CONTROLS.partition('-')[2]}{_DIRECTIONS}{_INVISIBLE}]*"
    rf"[^{_CONTROLS}{_DIRECTIONS}{_INVISIBLE}][^\u0000]*$"
)
"""Text of which something can be seen."""

VISIBLE_LINE_PATTERN = (
    rf"^[{_INVISIBLE}]*[^{_CONTROLS}{_DIRECTIONS}{_INVISIBLE}][^{_CONTROLS}{_DIRECTIONS}]*$"
)
"""A line of which something can be seen, and that turns no text around."""

_VISIBLE = re.compile(f"[^{_CONTROLS}{_DIRECTIONS}{_INVISIBLE}{_INVISIBLE_ELSEWHERE}]")
_LINE_BREAKER = re.compile(f"[{_CONTROLS}]")
_DIRECTION = re.compile(f"[{_DIRECTIONS}]")
_LONGEST_CLUSTER = 32
_JOINER = "\u200d"
_SKIN_TONES = "".join(map(chr, range(0x1F3FB, 0x1F400)))
_JOINED = f"\u200c{_JOINER}{_SKIN_TONES}" + "".join(map(chr, range(0xE0020, 0xE0080)))
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_PREFIX_LENGTH = 200


def is_storable(text: str) -> bool:
    """Say whether every database can store `text`: no NUL, no lone surrogate."""
    return "\0" not in text and _LONE_SURROGATE.search(text) is None


def is_line(text: str) -> bool:
    """Say whether `text` is on one line: no control character, no separator of lines."""
    return _LINE_BREAKER.search(text) is None


def turns_direction(text: str) -> bool:
    """Say whether `text` could change the direction of what is shown beside it."""
    return _DIRECTION.search(text) is not None


def is_visible(text: str) -> bool:
    """Say whether anybody would see anything of `text`."""
    return _VISIBLE.search(text) is not None


def printable(text: str, limit: int = 100) -> str:
    """Return `text` fit for an error message: cut to `limit`, nothing unprintable."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return "".join(character if character.isprintable() else "�" for character in short)


def escaped(text: str) -> str:
    """Return `text` fit for one line of a log: what is not printable is a Python escape.

    That is every line break, control character, separator and change of direction.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def excerpt(text: str, limit: int) -> str:
    """Return the first `limit` characters of `text`, fewer where that would part what is one.

    Marks, joined emoji and halves of flags stay with what they belong to, unless more than
    `_LONGEST_CLUSTER` of them follow one another.
    """
    if len(text) <= limit:
        return text
    shortest = max(limit - _LONGEST_CLUSTER, 0)
    return text[: next((end for end in range(limit, shortest, -1) if _may_part(text, end)), limit)]


def _may_part(text: str, place: int) -> bool:
    """Say whether a character, as people see it, may end before that place."""
    before, after = text[place - 1], text[place]
    if after in _JOINED or before == _JOINER or unicodedata.category(after).startswith("M"):
        return False
    if before in _FLAG_LETTERS and after in _FLAG_LETTERS:
        letters = len(text[:place]) - len(text[:place].rstrip(_FLAG_LETTERS))
        return letters % 2 == 0
    return (before, after) != ("\r", "\n")


def canonical_address(text: str | None) -> str | None:
    """Return an IP address in its one canonical spelling; None for anything else.

    An IPv4 address mapped into IPv6 is the IPv4 address; the zone of a link-local address is
    left out, and so is a port, which some proxies tell: `192.0.2.1:80`, `[2001:db8::1]:80`.
    """
    with_port = _WITH_PORT.fullmatch(text or "")
    address = _parsed(with_port["v4"] or with_port["v6"] if with_port else text)
    return None if address is None else str(address)


def canonical_prefix(text: str) -> str | None:
    """Return a path prefix such as `/auth/v2`, without a slash at its end; None for anything else.

    The root is empty. No segment is empty or begins with a dot, so that it names no other host and
    no other folder.
    """
    prefix = text.removesuffix("/")
    is_prefix = len(prefix) <= _PREFIX_LENGTH and _PREFIX.fullmatch(prefix)
    return prefix if is_prefix else None


def address_bucket(text: str | None) -> str:
    """Return what all addresses of one client have in common.

    That is an IPv4 address, the /64 of an IPv6 address, or `NO_ADDRESS`: never more than 43
    characters.
    """
    address = _parsed(text)
    if address is None:
        return NO_ADDRESS
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _BITS_OF_ONE_CLIENT), strict=False))


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    written = (text or "").partition("%")[0]
    return None if len(written) > _LONGEST_ADDRESS else _address(written)


@lru_cache(_KNOWN_ADDRESSES)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
