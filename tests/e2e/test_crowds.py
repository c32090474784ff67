"""Slow clients beside others, with the server as the README starts it."""

from collections.abc import Iterator

import pytest
from benchmarks.crowds import KINDS
from benchmarks.slow_clients import Service, calls, service, slow_clients
from benchmarks.steady_client import ask_for, together

from support.databases import on_sqlite

pytestmark = pytest.mark.system

SECONDS = 4
COUNT = 30
LONGEST = 2.0  # the measurement asks for half of it, on a machine that does nothing else


@pytest.fixture(scope="module")
def served() -> Iterator[Service]:
    """The service on two processes."""
    with service("sqlite", 280) as served:
        yield served


@on_sqlite
@pytest.mark.parametrize("kind", KINDS)
def test_everybody_else_is_answered(database: str, served: Service, kind: str) -> None:
    with slow_clients(served, kind, COUNT, SECONDS + 2):
        records = ask_for(served.url, SECONDS, calls(served))

    everything = together(records)
    assert everything.failures == []
    assert everything.quantile(0.99) < LONGEST
