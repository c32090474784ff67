"""All connections of a process, and who has to go when there are too many of them.

Nobody is turned away at the door: there the server cannot tell a newcomer from an attacker. Who
has been waiting longest, from the network that has most connections, makes room; and when too much
is kept in memory, whoever keeps most of it.
"""

from collections import Counter
from collections.abc import Iterator

from userapi.web.server.connection import Connection, Stage


class Crowd:
    """The connections of a process: at most `limit` of them, holding about `byte_limit` bytes."""

    def __init__(self, *, limit: int, byte_limit: int) -> None:
        self._limit = limit
        self._byte_limit = byte_limit
        self._connections: dict[Connection, None] = {}
        self._networks: Counter[str] = Counter()
        self._held = 0

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def is_crowded(self) -> bool:
        """Whether there are more connections than may be."""
        return len(self._connections) > self._limit

    @property
    def is_heavy(self) -> bool:
        """Whether more is held than may be."""
        return self._held > self._byte_limit

    def add(self, connection: Connection) -> None:
        """Count a new connection."""
        self._connections[connection] = None
        self._networks[connection.network] += 1

    def discard(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        del self._connections[connection]
        self._held -= connection.counted
        self._networks[connection.network] -= 1
        if not self._networks[connection.network]:
            del self._networks[connection.network]

    def recount(self, connection: Connection) -> None:
        """Count anew what is held for a connection."""
        held = connection.held
        self._held += held - connection.counted
        connection.counted = held

    def waiting(self) -> list[Connection]:
        """Return the connections that no thread works for."""
        return [each for each in self._connections if each.stage is not Stage.ANSWERING]

    def longest_waiting(self, newcomer: Connection | None) -> Connection | None:
        """Return who has waited longest, in the network with most connections if it can be.

        A `newcomer` is returned when nobody else waits.
        """
        busiest = max(self._networks.items(), key=lambda item: item[1], default=("", 0))[0]
        waiting = [each for each in self.waiting() if each is not newcomer]
        theirs = [each for each in waiting if each.network == busiest]
        return min(theirs or waiting, key=lambda each: each.since, default=newcomer)

    def heaviest(self, current: Connection) -> Iterator[Connection]:
        """Yield who holds most, except `current`, for as long as too much is held."""
        if not self.is_heavy:
            return
        others = [each for each in self.waiting() if each is not current and each.counted]
        others.sort(key=lambda each: each.counted, reverse=True)
        for connection in others:
            if not self.is_heavy:
                return
            yield connection
