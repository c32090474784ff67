"""What docs/kubernetes.md adds to the manifests fits them, and the service."""

import re
from pathlib import Path
from typing import Any

import pytest

from support.manifests import (
    KUBERNETES,
    documents,
    known_variables,
    kubernetes_objects,
    metrics_patch,
    pod_specs,
    printed_objects,
)
from userapi import create_app
from userapi.config.settings import Settings
from userapi.imports.settings import ImportSettings
from userapi.web.services import provided

pytestmark = pytest.mark.any_database

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = re.findall(
    r"exec (?:--\S+ )*(\w+)/(\w+) -- (\w+)(.*)", (DOCS / "kubernetes.md").read_text("utf-8")
)
KNOWN = [
    f"{it} " for it in re.findall("^## (.+)$", (DOCS / "commands.md").read_text(), re.MULTILINE)
]


def printed(kind: str, name: str) -> Any:
    (found,) = [
        it for it in printed_objects() if (it["kind"], it["metadata"]["name"]) == (kind, name)
    ]
    assert found["metadata"]["namespace"] == "userapi"
    return found


def policy_of_metrics() -> Any:
    (policy,) = documents(KUBERNETES / "metrics" / "network.yaml")
    return policy["spec"]


def metrics_port() -> dict[str, Any]:
    (container,) = metrics_patch()["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    assert isinstance(port, dict)
    return port


def labels_of_web() -> dict[str, str]:
    (service,) = [it for it in kubernetes_objects() if it["kind"] == "Service"]
    selector: dict[str, str] = service["spec"]["selector"]
    return selector


@pytest.mark.parametrize(("kind", "name", "program", "arguments"), COMMANDS)
def test_each_command_goes_to_a_pod_and_is_one(
    kind: str, name: str, program: str, arguments: str
) -> None:
    there = {(it["kind"].lower(), it["metadata"]["name"]) for it in kubernetes_objects()}
    assert (kind, name) in there
    assert program == "sh" or any(f"{program}{arguments} ".startswith(it) for it in KNOWN)


def test_commands_before_there_is_a_key_go_where_none_is_needed() -> None:
    goals = {arguments.split()[0]: name for _, name, _, arguments in COMMANDS}

    assert goals["keys"] == "worker"
    assert goals["db"] == "console"


def test_the_metrics_are_where_the_policy_and_the_annotations_lead() -> None:
    template = metrics_patch()["spec"]["template"]
    (container,) = template["spec"]["containers"]
    variables = {it["name"]: it["value"] for it in container["env"]}
    (rule,) = policy_of_metrics()["ingress"]
    number = str(metrics_port()["containerPort"])

    assert container["name"] == dict(pod_specs())["web"]["containers"][0]["name"]
    assert variables == {"METRICS_HOST": "0.0.0.0", "METRICS_PORT": number}
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": number,
        "prometheus.io/path": "/metrics",
    }
    assert rule["ports"] == [{"port": metrics_port()["name"]}]
    assert len(rule["from"]) == 1
    assert policy_of_metrics()["podSelector"]["matchLabels"] == labels_of_web()


def test_the_monitor_finds_the_metrics() -> None:
    spec = printed("PodMonitor", "web")["spec"]
    (endpoint,) = spec["podMetricsEndpoints"]

    assert spec["selector"]["matchLabels"] == labels_of_web()
    assert labels_of_web()[spec["jobLabel"]] == "userapi"
    assert endpoint["port"] == metrics_port()["name"]
    assert endpoint["authorization"]["credentials"]["key"] in known_variables()


def test_spans_have_a_way_to_the_port_that_the_page_of_traces_names() -> None:
    spec = printed("NetworkPolicy", "spans")["spec"]
    (rule,) = spec["egress"]
    (port,) = re.findall(
        r"OTEL_EXPORTER_OTLP_ENDPOINT=\S+:(\d+)", (DOCS / "tracing.md").read_text()
    )

    assert spec["policyTypes"] == ["Egress"]
    assert rule["ports"] == [{"port": int(port)}]
    assert spec["podSelector"]["matchLabels"].items() <= labels_of_web().items()


def test_the_ingress_of_uploads_takes_the_largest_file_where_files_go() -> None:
    ingress = printed("Ingress", "uploads")
    ((path,),) = [rule["http"]["paths"] for rule in ingress["spec"]["rules"]]
    (other,) = [it["spec"] for it in kubernetes_objects() if it["kind"] == "Ingress"]
    limit = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]

    with create_app("testing").app_context():
        largest = provided(Settings).of(ImportSettings).upload_max_bytes
    assert limit == f"{largest >> 20}m"
    assert path["path"] in {str(rule) for rule in create_app("testing").url_map.iter_rules()}
    assert path["pathType"] == "Exact"
    assert path["backend"] == other["rules"][0]["http"]["paths"][0]["backend"]
    assert ingress["spec"]["tls"] == other["tls"]
