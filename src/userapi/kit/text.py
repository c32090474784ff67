"""Text that comes in: one spelling for each e-mail and network address, and what may be kept."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

NO_ADDRESS = "none"
"""The bucket of all clients whose address is not known, as on a Unix socket."""

_BITS_OF_ONE_CLIENT = 64  # what a provider gives to a single customer at least
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]+)\](:[0-9]{1,5})?")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


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


def canonical_address(text: str | None) -> str | None:
    """Return an IP address in its one canonical spelling; None for anything else.

    An IPv4 address mapped into IPv6 is the IPv4 address; the zone of a link-local address is
    left out, and so is a port, which some proxies tell: `192.0.2.1:80`, `[2001:db8::1]:80`.
    """
    with_port = _WITH_PORT.fullmatch(text or "")
    address = _parsed(with_port["v4"] or with_port["v6"] if with_port else text)
    return None if address is None else str(address)


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
