"""The manifests in deploy/, read as their tools read them."""

import re
import textwrap
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


def printed_objects() -> list[Any]:
    """Return what docs/kubernetes.md prints for an overlay of one's own."""
    page = (DEPLOY.parent / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(block) for block in re.findall(r"(?:^    .+\n)+", page, re.MULTILINE)]
    return [yaml.safe_load(block) for block in blocks if block.startswith("apiVersion:")]


def metrics_patch() -> Any:
    """Return what the component for Prometheus changes of the web pods."""
    (patch,) = documents(KUBERNETES / "metrics" / "kustomization.yaml")[0]["patches"]
    return yaml.safe_load(patch["patch"])


def merged(base: Any, patch: Any) -> Any:
    """Return what kustomize makes of both: entries of lists are known by their names."""
    if isinstance(base, dict):
        return base | {key: merged(base.get(key), value) for key, value in patch.items()}
    if isinstance(base, list):
        kept = {entry["name"]: entry for entry in base}
        return list(merged(kept, {entry["name"]: entry for entry in patch}).values())
    return patch


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
