"""Failed attempts, counted for networks, for accounts and for everybody together.

A provider gives a single customer thousands of IPv6 networks, so each failure counts in every
network around the client, of which the wider ones may fail more often. When too much fails
altogether, only those wait who have failed: a network or an account where nothing did is let in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from userapi.kit.client_info import ClientInfoReader
from userapi.kit.email_addresses import canonical_email
from userapi.kit.networks import Network, nested_networks
from userapi.kit.text import NO_ADDRESS
from userapi.rate_limits.attempts import AttemptLimit
from userapi.throttling.lockout import Buckets

_COSTS: Mapping[tuple[int, int], int] = {
    (4, 24): 1,
    (4, 32): 4,
    (6, 48): 1,
    (6, 56): 2,
    (6, 64): 4,
    (6, 128): 8,
}
"""By IP version and length of the prefix, what part of the limit one failure uses up."""
_COST_OF_ONE_CLIENT = 4


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """How much may fail: of everybody together, and by where it comes from.

    `by_source` is the limit of one /24 or /48, of which smaller networks have a part, and in whose
    windows the failures of accounts are counted too.
    """

    overall: AttemptLimit
    by_source: AttemptLimit


class FailedAttempts:
    """Counts failed attempts in windows of time; without `limits` it does not.

    Never call it within a transaction.
    """

    def __init__(
        self, *, limits: FailureLimits | None, buckets: Buckets, client_info: ClientInfoReader
    ) -> None:
        self._limits = limits
        self._buckets = buckets
        self._client_info = client_info

    def seconds_until_free(self, email: str) -> int:
        """Return how long the client may not try that address, known or not; 0 when it may."""
        if self._limits is None:
            return 0
        networks = [network for network, _ in self._networks()]
        seconds = self._limits.by_source.seconds_until_free(*networks)
        if seconds > 0:
            return seconds
        seconds = self._limits.overall.seconds_until_free()
        if seconds <= 0 or self._limits.by_source.is_untouched(networks[-1], self._account(email)):
            return 0
        return seconds

    def count(self, email: str | None) -> None:
        """Count a failed attempt of the client with that address, or with none."""
        if self._limits is None:
            return
        self._limits.overall.count()
        for network, cost in self._networks():
            self._limits.by_source.count(network, cost)
        if email is not None:
            self._limits.by_source.count(self._account(email))

    def _account(self, email: str) -> str:
        return self._buckets.of_account(canonical_email(email))

    def _networks(self) -> Iterator[tuple[str, int]]:
        """Yield the networks around the client, the narrowest first, each with its cost."""
        networks = nested_networks(self._client_info().address)
        if not networks:
            yield NO_ADDRESS, _COST_OF_ONE_CLIENT
        for network in networks:
            yield str(network), _cost_of(network)


def _cost_of(network: Network) -> int:
    return _COSTS[network.version, network.prefixlen]
