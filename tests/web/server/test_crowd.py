"""Who has to go when there are too many connections, or too much is held for them."""

from collections.abc import Iterator
from contextlib import ExitStack
from socket import socketpair

import pytest

from userapi.web.server.connection import Connection, Stage, network_of
from userapi.web.server.crowd import Crowd


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """What is closed in the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def crowd() -> Crowd:
    """Room for three connections and 100 bytes."""
    return Crowd(limit=3, byte_limit=100)


def come(crowd: Crowd, sockets: ExitStack, address: str, size: int = 0) -> Connection:
    """Let a client come, and send so many bytes."""
    mine, theirs = socketpair()
    sockets.enter_context(mine)
    sockets.enter_context(theirs)
    connection = Connection(mine, (address, 4711), ("127.0.0.1", 5000))
    connection.received += b"x" * size
    crowd.add(connection)
    crowd.recount(connection)
    return connection


def test_the_busiest_network_makes_room(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.1")
    first, *_ = [come(crowd, sockets, "192.0.2.2") for _ in range(2)]
    newcomer = come(crowd, sockets, "192.0.2.3")

    assert crowd.is_crowded
    assert crowd.longest_waiting(newcomer) is first


def test_who_is_being_answered_stays(crowd: Crowd, sockets: ExitStack) -> None:
    first, second = [come(crowd, sockets, "192.0.2.2") for _ in range(2)]
    first.enter(Stage.ANSWERING, 0)

    assert crowd.longest_waiting(None) is second


def test_a_newcomer_goes_when_nobody_else_can(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.2").enter(Stage.ANSWERING, 0)
    newcomer = come(crowd, sockets, "192.0.2.3")

    assert crowd.longest_waiting(newcomer) is newcomer


def test_who_holds_most_goes_first(crowd: Crowd, sockets: ExitStack) -> None:
    small = come(crowd, sockets, "192.0.2.2", 10)
    large = come(crowd, sockets, "192.0.2.2", 60)
    current = come(crowd, sockets, "192.0.2.2", 50)

    gone = []
    for connection in crowd.heaviest(current):
        gone.append(connection)
        crowd.discard(connection)

    assert gone == [large]
    assert list(crowd.waiting()) == [small, current]
    assert not crowd.is_heavy


def test_nobody_goes_while_there_is_room(crowd: Crowd, sockets: ExitStack) -> None:
    current = come(crowd, sockets, "192.0.2.2", 100)

    assert not crowd.is_crowded
    assert list(crowd.heaviest(current)) == []


@pytest.mark.parametrize(
    ("client", "network"),
    [
        (("192.0.2.1", 80), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 80, 0, 0), "20010db800010002"),
        (("::ffff:192.0.2.1", 80, 0, 0), "192.0.2.1"),
        (("fe80::1%eth0", 80, 0, 2), "fe80000000000000"),
        ("", ""),
    ],
)
def test_addresses_of_one_network_count_together(client: object, network: str) -> None:
    assert network_of(client) == network
