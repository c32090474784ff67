"""Metrics as Prometheus reads them."""

from collections.abc import Iterator, Mapping

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

METRICS = "/metrics"


def families_of(text: str) -> list[Metric]:
    """Return the metrics of a scrape."""
    return list(text_string_to_metric_families(text))


def samples_of(text: str) -> Iterator[Sample]:
    """Yield all that a scrape tells."""
    for family in families_of(text):
        yield from family.samples


def value_of(text: str, name: str, labels: Mapping[str, str] | None = None) -> float:
    """Return the sum of the samples of that name that have these labels; 0 where there are none."""
    wanted = (labels or {}).items()
    return sum(
        each.value
        for each in samples_of(text)
        if each.name == name and wanted <= each.labels.items()
    )


def scrape(client: httpx.Client) -> str:
    """Return what a service answers to who may scrape it."""
    answer = client.get(METRICS)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.text
