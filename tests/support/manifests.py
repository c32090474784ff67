"""The manifests in deploy/, read as their tools read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from userapi.config.declarations import declarations_of
from userapi.config.environments import Environment
from userapi.features import settings_groups

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
_BESIDES = {"PGPASSWORD", "SERVICE_PASSWORD"}
"""What is no setting: the driver and `userapi db roles` read it."""


def documents(path: Path) -> list[Any]:
    """Return what a file of YAML holds."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def kubernetes_objects() -> list[Any]:
    """Return all that is for Kubernetes, without the files of kustomize."""
    files = sorted(KUBERNETES.rglob("*.yaml"))
    return [it for path in files if path.name != "kustomization.yaml" for it in documents(path)]


def pod_specs() -> Iterator[tuple[str, Any]]:
    """Yield each pod's specification, with the name of what makes it."""
    for it in kubernetes_objects():
        spec = it.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield it["metadata"]["name"], template["spec"]


def known_variables() -> set[str]:
    """Return the names that the environment of ours may have."""
    settings = {
        declared.variable_in(one)
        for group in settings_groups()
        for _, declared in declarations_of(group)
        for one in Environment
    }
    return {name for name in settings if name} | _BESIDES
