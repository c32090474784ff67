"""The dashboard and the alerts: all that they ask for is there, on a server that runs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.paths import LIVE
from support.processes import client_of, free_port, live_server, wait_until
from support.scraping import METRICS, samples_of, value_of

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "observability"
ALERTS = FOLDER / "userapi-alerts.yml"
OF_PROMETHEUS = {"up", "instance", "job"}
WORDS = {"by", "sum", "max", "count", "rate", "and", "or", "offset", "histogram_quantile"}

_TEXTS = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\boffset \w+")
_NAMES = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")


def names_in(query: str) -> set[str]:
    """Return what a query of PromQL names: metrics and labels."""
    return {*_NAMES.findall(_TEXTS.sub(" ", query))} - WORDS - OF_PROMETHEUS


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def queries() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
        yield from ("{" + label + "}" for label in re.findall(r"\$labels\.(\w+)", str(rule)))
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
            yield from re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"].removeprefix("label_values")


@pytest.fixture(scope="module")
def scraped(template_url: str, server: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a server tells that has answered, and has jobs to do."""
    port, folder = free_port(), tmp_path_factory.mktemp("scraped")
    with (
        server.copy_of(template_url) as database_url,
        live_server(database_url, folder, METRICS_PORT=str(port)) as url,
        client_of(url) as api,
        client_of(f"http://127.0.0.1:{port}") as metrics,
    ):
        api.get(LIVE)
        api.post("/api/v1/auth/login", json={})
        found: list[str] = []

        def is_whole() -> bool:
            found.append(metrics.get(METRICS).text)
            return value_of(found[-1], "userapi_logins_total") > 0

        wait_until(is_whole)
    return found[-1]


def known_names(text: str) -> set[str]:
    """Return the names of metrics and labels in a scrape; without jobs those of theirs are told."""
    found = {"kind"} | {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    for each in samples_of(text):
        found |= {each.name, *each.labels}
    return found


def test_whatever_is_asked_for_exists(scraped: str) -> None:
    asked = set().union(*map(names_in, queries()))

    assert asked - known_names(scraped) == set()
    assert "userapi_requests_total" in asked


def test_whatever_exists_is_explained_and_shown(scraped: str) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    told = {line.split()[2] for line in scraped.splitlines() if line.startswith("# TYPE")}
    shown = set().union(*map(names_in, queries()))

    assert {name for name in told if f"`{name}`" not in page} == set()
    assert {
        name
        for name in told
        if not shown & {name, f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    } == set()


@pytest.mark.parametrize("name", [rule["alert"] for rule in rules()])
def test_each_alert_is_explained(name: str) -> None:
    assert f"\n### {name}\n" in (ROOT / "docs" / "metrics.md").read_text()


def test_the_scrape_configuration_loads_the_alerts() -> None:
    configuration = yaml.safe_load((FOLDER / "prometheus.yml").read_text())

    assert configuration["rule_files"] == [ALERTS.name]
    assert [job["job_name"] for job in configuration["scrape_configs"]] == ["userapi"]
