"""Failures in the networks around a client: nothing but figures, counted in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice
from typing import NamedTuple

import pytest

from support.logins import BUCKETS, FULL_SECONDS, CountedLimit
from userapi.kit.client_info import ClientInfo
from userapi.throttling.failed_attempts import FailedAttempts, FailureLimits

NOBODY = "nobody@example.com"
ADA = "ada@example.com"
QUIET = "192.0.2.1"
PROVIDER = IPv6Network("2001:db8::/32")


@dataclass
class Attacked:
    """A service that clients from anywhere try."""

    overall: CountedLimit
    by_source: CountedLimit

    def failures_from(self, address: str | None) -> FailedAttempts:
        return FailedAttempts(
            limits=FailureLimits(self.overall, self.by_source),
            buckets=BUCKETS,
            client_info=lambda: ClientInfo(address=address),
        )

    def fail(self, address: str | None, email: str = NOBODY) -> bool:
        """Try a wrong password; say whether it was tried at all."""
        failures = self.failures_from(address)
        if failures.seconds_until_free(email) > 0:
            return False
        failures.count(email)
        return True

    def wait(self, address: str | None, email: str = ADA) -> int:
        return self.failures_from(address).seconds_until_free(email)


@pytest.fixture
def attacked() -> Attacked:
    """A service in which nothing has failed."""
    return Attacked(overall=CountedLimit(), by_source=CountedLimit(amount=400))


@pytest.fixture
def alarmed() -> Attacked:
    """A service in which too much has failed altogether, but nothing where these tests are."""
    attacked = Attacked(overall=CountedLimit(), by_source=CountedLimit(amount=400))
    attacked.overall.seconds = 77
    return attacked


def sites() -> Iterator[IPv6Network]:
    """Return some of the 65,536 networks that a provider has."""
    return islice(PROVIDER.subnets(new_prefix=48), 100)


def hosts_of(network: str, width: int) -> Iterator[str]:
    """Yield one address in each of the smaller networks of that width, over and over again."""
    while True:
        subnets: Iterator[IPv4Network | IPv6Network] = ip_network(network).subnets(new_prefix=width)
        yield from (str(subnet[0]) for subnet in islice(subnets, 300))


class Owned(NamedTuple):
    """A network that an attacker has, how wide those are among which it changes, and what it may.

    Besides another address in it, and one that is just outside.
    """

    network: str
    width: int
    limit: int
    inside: str
    outside: str


OWNED = [
    Owned("203.0.113.7/32", 32, 100, "203.0.113.7", "203.0.113.8"),
    Owned("203.0.113.0/24", 32, 400, "203.0.113.255", "203.0.112.255"),
    Owned("2001:db8:1::1/128", 128, 50, "2001:db8:1::1", "2001:db8:1::2"),
    Owned("2001:db8:1::/64", 128, 100, "2001:db8:1::ffff", "2001:db8:1:1::"),
    Owned("2001:db8:1::/56", 64, 200, "2001:db8:1:ff::1", "2001:db8:1:100::"),
    Owned("2001:db8:1::/48", 56, 400, "2001:db8:1:ffff::1", "2001:db8:2::"),
]


@pytest.mark.parametrize("owned", OWNED, ids=[it.network for it in OWNED])
def test_a_network_may_fail_so_often_whatever_addresses_it_tries(
    attacked: Attacked, owned: Owned
) -> None:
    hosts = hosts_of(owned.network, owned.width)
    tried = sum(attacked.fail(next(hosts)) for _ in range(2 * owned.limit))

    assert tried == owned.limit
    assert attacked.wait(owned.inside) == FULL_SECONDS
    assert attacked.wait(owned.outside) == 0


def test_an_ipv4_address_in_ipv6_is_the_same_network(attacked: Attacked) -> None:
    for _ in range(100):
        attacked.fail("203.0.113.7")

    assert attacked.wait("::ffff:203.0.113.7") == FULL_SECONDS


@pytest.mark.parametrize("address", [None, "", "unknown"])
def test_clients_without_an_address_are_one_network(
    attacked: Attacked, address: str | None
) -> None:
    tried = sum(attacked.fail(address) for _ in range(200))

    assert tried == 100
    assert attacked.wait(None) == FULL_SECONDS
    assert attacked.wait(QUIET) == 0


def test_without_limits_everybody_is_let_in() -> None:
    failures = FailedAttempts(limits=None, buckets=BUCKETS, client_info=ClientInfo)
    for _ in range(2000):
        failures.count(ADA)

    assert failures.seconds_until_free(ADA) == 0


def test_a_failure_counts_for_everybody_too(attacked: Attacked) -> None:
    attacked.fail(QUIET)

    assert attacked.overall.counted == 1


def test_a_failure_without_an_address_counts_for_the_network(attacked: Attacked) -> None:
    attacked.failures_from(QUIET).count(None)

    assert attacked.by_source.counts == {"192.0.2.1/32": 4, "192.0.2.0/24": 1}


def test_a_known_and_an_unknown_address_are_counted_alike(attacked: Attacked) -> None:
    attacked.fail(QUIET, ADA)
    attacked.fail(QUIET, NOBODY)

    by_account = [count for name, count in attacked.by_source.counts.items() if "/" not in name]
    assert by_account == [1, 1]


def test_the_store_learns_no_address(attacked: Attacked) -> None:
    attacked.fail(QUIET, ADA)

    assert not any("ada" in name for name in attacked.by_source.counts)


# When too much fails altogether


def test_a_quiet_account_is_let_in_from_a_quiet_network(alarmed: Attacked) -> None:
    assert alarmed.wait(QUIET) == 0


@pytest.mark.parametrize("neighbour", ["192.0.2.1", "192.0.2.255"])
def test_a_network_that_has_failed_waits(alarmed: Attacked, neighbour: str) -> None:
    alarmed.failures_from(neighbour).count(NOBODY)

    assert alarmed.wait(QUIET) == 77


@pytest.mark.parametrize("spelling", [ADA, ADA.upper()])
def test_an_account_that_has_failed_waits_wherever_it_is_tried(
    alarmed: Attacked, spelling: str
) -> None:
    alarmed.failures_from("203.0.113.7").count(spelling)

    assert alarmed.wait(QUIET, ADA) == 77
    assert alarmed.wait(QUIET, NOBODY) == 0


def test_an_attacker_with_a_whole_provider_has_one_try_for_each_site(alarmed: Attacked) -> None:
    tried = [
        alarmed.fail(str(site[number]), f"victim{number}@{site[0]}.example.com")
        for site in sites()
        for number in range(3)
    ]

    assert sum(tried) == 100
    assert alarmed.wait(QUIET) == 0


def test_an_attacker_with_a_whole_provider_has_one_try_for_each_account(
    alarmed: Attacked,
) -> None:
    tried = sum(alarmed.fail(str(site[1]), ADA) for site in sites())

    assert tried == 1


def test_36_networks_of_one_provider_stop_nobody_else(attacked: Attacked) -> None:
    attacked.overall.amount = 1000
    links = list(islice(PROVIDER.subnets(new_prefix=64), 36))
    for number in range(1080):
        attacked.fail(str(links[number % 36][number]), f"victim{number}@example.com")

    assert attacked.overall.counted == 200  # they are in one /56
    assert attacked.wait(QUIET) == 0
