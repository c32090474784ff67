"""The metrics of all processes in Prometheus' text format."""

import platform
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from userapi.metrics.probe import Probe

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Exposition:
    """What is answered to who scrapes: the files of all processes, and what the probe finds."""

    def __init__(self, *, folder: Path | None, version: str, probe: Probe) -> None:
        self._registry = CollectorRegistry()
        if folder is not None:
            MultiProcessCollector(self._registry, path=str(folder))  # type: ignore[no-untyped-call] # the library is
        self._registry.register(_Asked(version, probe))

    def text(self) -> bytes:
        """Return the metrics."""
        return generate_latest(self._registry)


class _Asked(Collector):
    """The metrics that no process records."""

    def __init__(self, version: str, probe: Probe) -> None:
        self._version = version
        self._probe = probe

    def describe(self) -> list[Metric]:
        """Return nothing: what is registered is not asked at once."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, as far as the database answers."""
        build = GaugeMetricFamily(
            "userapi_build_info", "The version that runs.", labels=("version", "python")
        )
        build.add_metric((self._version, platform.python_version()), 1)
        yield build
        findings = self._probe.findings()
        yield _level("userapi_database_up", "Whether the database answers.", findings is not None)
        is_ready = findings is not None and findings.is_ready
        yield _level("userapi_ready", "Whether the service is ready for requests.", is_ready)
        waiting = _by_kind("userapi_jobs_waiting", "Jobs to be done, those under way included.")
        age = _by_kind("userapi_jobs_overdue_seconds", "For how long the oldest of them is due.")
        dead = _by_kind("userapi_jobs_dead", "Jobs that were given up.")
        for each in findings.backlog if findings else ():
            waiting.add_metric((each.kind,), each.waiting)
            age.add_metric((each.kind,), max(0.0, each.overdue.total_seconds()))
            dead.add_metric((each.kind,), each.dead)
        yield from (waiting, age, dead)


def _level(name: str, text: str, level: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(level))


def _by_kind(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=("kind",))
