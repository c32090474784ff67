"""The networks that a client is in, each inside the next: an attacker seldom has one address."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from userapi.kit.text import canonical_address

Network = IPv4Network | IPv6Network

_PREFIXES = {4: (32, 24), 6: (128, 64, 56, 48)}


def nested_networks(text: str | None) -> tuple[Network, ...]:
    """Return the networks that an address is in, the narrowest first; none for no address.

    Of IPv4 they are the address and its /24. Of IPv6 they are the address, the /64 of one link,
    the /56 that a customer is given, and the /48 that a site is given.
    """
    canonical = canonical_address(text)
    if canonical is None:
        return ()
    address = ip_address(canonical)
    prefixes = _PREFIXES[address.version]
    return tuple(ip_network((address, prefix), strict=False) for prefix in prefixes)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
