"""Text that comes in: one spelling for each e-mail and network address, and what may be kept."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NO_ADDRESS = "none"
"""The bucket of all clients whose address is not known, as on a Unix socket."""

_BITS_OF_ONE_CLIENT = 64  # what a provider gives to a single customer at least
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_PREFIX_LENGTH = 200


def canonical_email(address: str) -> str:
    """Return the form in which an e-mail address is stored and compared: lower case."""
    return address.lower()


def is_storable(text: str) -> bool:
    """Say whether every database can store `text`: no NUL, no lone surrogate."""
    return "\0" not in text and _LONE_SURROGATE.search(text) is None


def printable(text: str, limit: int = 100) -> str:
    """Return `text` fit for an error message: cut to `limit`, nothing unprintable."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return "".join(character if character.isprintable() else "�" for character in short)


def canonical_address(text: str | None) -> str | None:
    """Return an IP address in its one canonical spelling; None for anything else.

    An IPv4 address mapped into IPv6 is the IPv4 address; the zone of a link-local address is
    left out.
    """
    address = _parsed(text)
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
    try:
        address = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
