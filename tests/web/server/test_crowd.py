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
    """Room for three connections and 100 bytes, 80 of them for one network."""
    return Crowd(limit=3, byte_limit=100, network_byte_limit=80)


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


def gone(crowd: Crowd, current: Connection) -> list[Connection]:
    """Close who has to go for the current connection; return who that was."""
    closed = []
    for connection in crowd.heaviest(current):
        closed.append(connection)
        crowd.discard(connection)
    return closed


def test_the_busiest_network_makes_room(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.1")
    first, *_ = [come(crowd, sockets, "192.0.2.2") for _ in range(2)]
    come(crowd, sockets, "192.0.2.3")

    assert crowd.is_crowded
    assert crowd.longest_waiting() is first


def test_who_is_being_answered_stays(crowd: Crowd, sockets: ExitStack) -> None:
    first, second = [come(crowd, sockets, "192.0.2.2") for _ in range(2)]
    first.enter(Stage.ANSWERING, 0)

    assert crowd.longest_waiting() is second


def test_a_newcomer_goes_when_nobody_else_can(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.2").enter(Stage.ANSWERING, 0)
    newcomer = come(crowd, sockets, "192.0.2.3")

    assert crowd.longest_waiting() is newcomer


def test_a_network_that_is_being_answered_pushes_out_nobody_else(
    crowd: Crowd, sockets: ExitStack
) -> None:
    come(crowd, sockets, "192.0.2.1")
    for _ in range(2):
        come(crowd, sockets, "192.0.2.2").enter(Stage.ANSWERING, 0)
    newcomer = come(crowd, sockets, "192.0.2.2")

    assert crowd.longest_waiting() is newcomer


def test_who_holds_most_goes_first(crowd: Crowd, sockets: ExitStack) -> None:
    small = come(crowd, sockets, "192.0.2.2", 5)
    large = come(crowd, sockets, "192.0.2.2", 60)
    current = come(crowd, sockets, "192.0.2.2", 50)

    assert gone(crowd, current) == [large]
    assert list(crowd.waiting()) == [small, current]
    assert not crowd.is_over_limit(current.network)


def test_who_holds_much_stays_when_another_network_holds_more(
    crowd: Crowd, sockets: ExitStack
) -> None:
    large = come(crowd, sockets, "192.0.2.1", 40)
    first, second = [come(crowd, sockets, "192.0.2.2", size) for size in (26, 25)]
    current = come(crowd, sockets, "192.0.2.2", 20)

    assert gone(crowd, current) == [first]
    assert list(crowd.waiting()) == [large, second, current]


def test_who_holds_most_of_a_network_ends_with_itself(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.1", 40)
    come(crowd, sockets, "192.0.2.2", 50).enter(Stage.ANSWERING, 0)
    current = come(crowd, sockets, "192.0.2.2", 20)

    assert gone(crowd, current) == [current]


def test_one_network_has_no_more_than_its_part(crowd: Crowd, sockets: ExitStack) -> None:
    other = come(crowd, sockets, "192.0.2.1", 5)
    large, current = [come(crowd, sockets, "192.0.2.2", size) for size in (60, 30)]

    assert not crowd.is_over_limit(other.network)
    assert gone(crowd, current) == [large]


def test_nobody_else_goes_where_one_network_has_more_than_its_part(
    crowd: Crowd, sockets: ExitStack
) -> None:
    come(crowd, sockets, "192.0.2.1", 5)
    come(crowd, sockets, "192.0.2.2", 80).enter(Stage.ANSWERING, 0)
    current = come(crowd, sockets, "192.0.2.2", 10)

    assert gone(crowd, current) == [current]


def test_nobody_goes_while_there_is_room(crowd: Crowd, sockets: ExitStack) -> None:
    come(crowd, sockets, "192.0.2.1", 20)
    current = come(crowd, sockets, "192.0.2.2", 80)

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
