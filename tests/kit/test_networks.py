"""The networks of an address, for addresses that nobody picked."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userapi.kit.networks import nested_networks
from userapi.kit.text import address_bucket

IPV4 = st.ip_addresses(v=4)
IPV6 = st.integers(2**64, 2**128 - 1).map(IPv6Address)  # none of them is mapped from IPv4
ADDRESSES = IPV4 | IPV6


@given(ADDRESSES)
def test_every_network_holds_the_address_and_lies_in_the_next(
    address: IPv4Address | IPv6Address,
) -> None:
    networks = nested_networks(str(address))

    assert all(address in network for network in networks)
    narrow_and_wide = pairwise(networks)
    assert all(narrow.subnet_of(wide) for narrow, wide in narrow_and_wide)  # type: ignore[arg-type]


@given(IPV4)
def test_an_ipv4_address_has_two_networks(address: IPv4Address) -> None:
    assert [it.prefixlen for it in nested_networks(str(address))] == [32, 24]


@given(IPV6)
def test_an_ipv6_address_has_four_networks(address: IPv6Address) -> None:
    assert [it.prefixlen for it in nested_networks(str(address))] == [128, 64, 56, 48]


@given(IPV4)
def test_an_ipv4_address_mapped_into_ipv6_is_the_ipv4_address(address: IPv4Address) -> None:
    assert nested_networks(f"::ffff:{address}") == nested_networks(str(address))


@given(IPV6, st.text(max_size=50))
def test_the_zone_of_an_address_changes_nothing(address: IPv6Address, zone: str) -> None:
    assert nested_networks(f"{address}%{zone}") == nested_networks(str(address))


@given(ADDRESSES)
def test_the_bucket_of_the_rate_limits_is_among_them(
    address: IPv4Address | IPv6Address,
) -> None:
    names = {str(network).removesuffix("/32") for network in nested_networks(str(address))}

    assert address_bucket(str(address)) in names


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_a_site_has_one_widest_network(first: int, second: int) -> None:
    site = IPv6Network("2001:db8:1::/48")
    widest = {nested_networks(str(site[host]))[-1] for host in (first, second)}

    assert widest == {site}


@given(st.none() | st.text())
def test_what_is_no_address_is_in_no_network(text: str | None) -> None:
    try:
        ip_address((text or "").partition("%")[0])
    except ValueError:
        assert nested_networks(text) == ()
    else:
        assert nested_networks(text)


@pytest.mark.parametrize("text", [None, "", "unknown", "203.0.113.7:port", "2001:db8::/32"])
def test_a_client_without_an_address_is_in_no_network(text: str | None) -> None:
    assert nested_networks(text) == ()
