"""The manifests for Kubernetes: what they name is there, and nothing has a right too many."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support.manifests import KUBERNETES, documents, known_variables, kubernetes_objects, pod_specs
from userapi import create_app

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
PODS = dict(pod_specs())
FOR_OPERATORS = ("/health/", "/metrics")


def named(kind: str) -> dict[str, Any]:
    return {it["metadata"]["name"]: it for it in kubernetes_objects() if it["kind"] == kind}


def test_the_pods_are_those_that_are_needed() -> None:
    commands = {name: " ".join(spec["containers"][0]["command"]) for name, spec in PODS.items()}

    assert commands == {
        "web": "userapi serve --without-worker",
        "worker": "userapi worker",
        "migrate": "userapi db upgrade",
        "purge": "userapi purge",
        "console": "sleep infinity",
    }


@pytest.mark.parametrize("name", PODS)
def test_a_pod_keeps_to_the_restricted_profile(name: str) -> None:
    spec = PODS[name]
    (container,) = spec["containers"]

    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & spec.keys()
    assert all("sizeLimit" in volume["emptyDir"] for volume in spec["volumes"])


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_no_token_and_a_limit_of_memory(name: str) -> None:
    spec = PODS[name]

    assert spec["serviceAccountName"] in named("ServiceAccount")
    assert spec["automountServiceAccountToken"] is False
    assert spec["containers"][0]["resources"].keys() == {"requests", "limits"}
    assert "memory" in spec["containers"][0]["resources"]["limits"]


@pytest.mark.parametrize("name", PODS)
def test_only_what_the_owner_does_logs_in_as_the_owner(name: str) -> None:
    assert ("userapi-owner" in str(PODS[name])) == (name in {"migrate", "purge", "console"})


def test_no_console_stays() -> None:
    spec = named("Job")["console"]["spec"]

    assert spec["activeDeadlineSeconds"] <= 4 * 3600
    assert spec["ttlSecondsAfterFinished"] == 0


def test_the_image_is_that_of_the_last_release() -> None:
    (image,) = documents(KUBERNETES / "release" / "kustomization.yaml")[0]["images"]
    (pushed,) = re.findall(r"tags: .*:(.*)", (ROOT / ".github/workflows/release.yml").read_text())
    last = json.loads((ROOT / "openapi/released.json").read_text())["info"]["version"]

    assert pushed == "${{ github.ref_name }}"  # the tag of the commit, such as v1.2.3
    assert image["newTag"] == f"v{last}"
    assert {it["image"] for spec in PODS.values() for it in spec["containers"]} == {image["name"]}


def test_every_variable_is_a_setting() -> None:
    given = [*named("ConfigMap").values(), *named("Secret").values()]
    names = {name for it in given for name in it.get("data", it.get("stringData", {}))}
    names |= {one["name"] for spec in PODS.values() for one in spec["containers"][0].get("env", ())}

    assert "DATABASE_URL" in names
    assert names - known_variables() == set()


def test_no_secret_is_given_and_none_is_applied() -> None:
    for secret in named("Secret").values():
        for value in secret["stringData"].values():
            assert "REPLACE" in value
    applied = [
        name
        for path in KUBERNETES.rglob("kustomization.yaml")
        for name in documents(path)[0].get("resources", ())
    ]
    assert applied
    assert not [name for name in applied if "secret" in name]


def test_kustomize_finds_every_file_and_each_file_is_applied() -> None:
    listed = {
        (path.parent / name).resolve()
        for path in KUBERNETES.rglob("kustomization.yaml")
        for one in documents(path)
        for name in [*one.get("resources", ()), *one.get("components", ())]
    }
    there = {path.resolve() for path in KUBERNETES.glob("*/*.yaml")}
    manifests = {path for path in there if path.name != "kustomization.yaml"}

    assert listed == manifests | {KUBERNETES / "release"}
    assert all(path.exists() for path in listed)


def test_rollouts_take_no_pod_away_before_another_is_ready() -> None:
    spec = named("Deployment")["web"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]

    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["startupProbe"]["httpGet"]["path"] == "/health/live"


def test_a_pod_may_end_as_slowly_as_the_service_does() -> None:
    delay = int(named("ConfigMap")["userapi"]["data"]["SHUTDOWN_DELAY_SECONDS"])
    ready = PODS["web"]["containers"][0]["readinessProbe"]

    assert PODS["web"]["terminationGracePeriodSeconds"] > 30
    assert delay > ready["periodSeconds"] * ready["failureThreshold"]


def test_everything_that_selects_finds_pods() -> None:
    labels = [it["spec"]["template"]["metadata"]["labels"] for it in named("Deployment").values()]
    selectors = [
        *(it["spec"]["selector"] for it in named("Service").values()),
        *(it["spec"]["selector"]["matchLabels"] for it in named("PodDisruptionBudget").values()),
        *(
            it["spec"]["podSelector"].get("matchLabels", {})
            for it in named("NetworkPolicy").values()
        ),
        *(one["labelSelector"]["matchLabels"] for one in PODS["web"]["topologySpreadConstraints"]),
    ]

    for selector in selectors:
        assert any(selector.items() <= one.items() for one in labels)
    scaler = named("HorizontalPodAutoscaler")["web"]["spec"]
    assert scaler["scaleTargetRef"]["name"] in named("Deployment")
    assert scaler["minReplicas"] >= 2
    assert "replicas" not in named("Deployment")["web"]["spec"]


def test_nothing_is_let_in_or_out_that_no_policy_names() -> None:
    policies = {name: it["spec"] for name, it in named("NetworkPolicy").items()}

    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {name for name, spec in policies.items() if "ingress" in spec} == {"web", "metrics"}
    ports = [port["port"] for rule in policies["way-out"]["egress"] for port in rule["ports"]]
    assert sorted(ports) == [53, 53, 465, 587, 5432, 6379]


def test_strangers_reach_what_is_for_clients_and_no_more() -> None:
    (rule,) = named("Ingress")["web"]["spec"]["rules"]
    shown = tuple(it["path"] for it in rule["http"]["paths"])
    paths = [str(rule) for rule in create_app("testing").url_map.iter_rules()]

    hidden = {path for path in paths if not path.startswith(shown)}
    assert {path for path in hidden if not path.startswith(FOR_OPERATORS)} == {"/"}
    assert [
        path for path in paths if path.startswith(FOR_OPERATORS) and path.startswith(shown)
    ] == []
