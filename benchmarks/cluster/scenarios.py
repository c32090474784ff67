"""What is done to the installation, and what is demanded of it meanwhile and afterwards."""

from benchmarks.cluster import breaking, failing_over, losing, sharing
from benchmarks.cluster.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *sharing.SCENARIOS,
    *breaking.SCENARIOS,
    *failing_over.SCENARIOS,
    *losing.SCENARIOS,
)
