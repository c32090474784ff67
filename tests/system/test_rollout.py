"""This version is rolled out beside the last release, and back, and nobody notices."""

import pytest
from benchmarks.rollout.running import Wanted, run

pytestmark = [pytest.mark.system, pytest.mark.long]

SMALL = Wanted(databases=1, rounds=1, requests=600, people=6, rate=100)


def test_nothing_fails_is_lost_or_ends_while_two_versions_serve() -> None:
    results = run(SMALL, lambda _: None)

    tally = results.tally
    assert (tally.failed, tally.lost, tally.ended) == ([], [], [])
    assert (results.rollouts, results.rollbacks) == (1, 1)
    assert tally.asked >= SMALL.requests
    assert min(tally.served["before"], tally.served["after"]) > SMALL.share
