"""All connections of a process, and who has to go when there are too many of them.

Nobody is turned away at the door: there the server cannot tell a newcomer from an attacker. Of
too many connections one goes that waits: of the network that has most, who has waited longest. When
too much is kept in memory, whoever keeps most goes, of the network that keeps most. So a network,
however many small connections it makes, pushes out its own before those of others.
"""

from collections import Counter
from collections.abc import Iterator

from userapi.web.server.connection import Connection, Stage


class Crowd:
    """The connections of a process: at most `limit` of them, holding about `byte_limit` bytes.

    Those of one network hold about `network_byte_limit` of them.
    """

    def __init__(self, *, limit: int, byte_limit: int, network_byte_limit: int) -> None:
        self.limit = limit
        self._byte_limit = byte_limit
        self._network_byte_limit = network_byte_limit
        self._connections: dict[Connection, None] = {}
        self._networks: Counter[str] = Counter()
        self._held_by: Counter[str] = Counter()
        self._held = 0

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def is_crowded(self) -> bool:
        """Whether there are more connections than may be."""
        return len(self._connections) > self.limit

    def is_over_limit(self, network: str) -> bool:
        """Say whether more is held than may be, by all together or by that network."""
        return self._is_over_total or self._held_by[network] > self._network_byte_limit

    def add(self, connection: Connection) -> None:
        """Count a new connection."""
        self._connections[connection] = None
        self._networks[connection.network] += 1

    def discard(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        network = connection.network
        del self._connections[connection]
        self._held -= connection.counted
        self._held_by[network] -= connection.counted
        self._networks[network] -= 1
        if not self._networks[network]:
            del self._networks[network], self._held_by[network]

    def recount(self, connection: Connection) -> None:
        """Count anew what is held for a connection."""
        held = connection.held
        self._held += held - connection.counted
        self._held_by[connection.network] += held - connection.counted
        connection.counted = held

    def waiting(self) -> list[Connection]:
        """Return the connections that no thread works for."""
        return [each for each in self._connections if each.stage is not Stage.ANSWERING]

    def longest_waiting(self) -> Connection | None:
        """Return who has waited longest, of the network that has most connections.

        Networks of which nobody waits are left out. A newcomer goes when it is the only one of its
        network that waits: otherwise a network could have all others make room for it.
        """
        return min(
            self.waiting(),
            key=lambda each: (-self._networks[each.network], each.since),
            default=None,
        )

    def heaviest(self, current: Connection) -> Iterator[Connection]:
        """Yield who holds most, for as long as `is_over_limit` for `current`'s network.

        Those of the network that holds most come first, and `current` as the last of its network:
        it ends the series. Where only that network holds too much, all are of that one.
        """
        if not self.is_over_limit(current.network):
            return
        waiting = [each for each in self.waiting() if each.counted]
        waiting.sort(
            key=lambda each: (self._held_by[each.network], each is not current, each.counted),
            reverse=True,
        )
        for connection in waiting:
            if not self.is_over_limit(current.network):
                return
            if self._is_over_total or connection.network == current.network:
                yield connection
            if connection is current:
                return

    @property
    def _is_over_total(self) -> bool:
        return self._held > self._byte_limit
