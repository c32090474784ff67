"""What is in deploy/ and .github/ is valid for those who read it, by their own schemas."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.manifests import (
    DEPLOY,
    KUBERNETES,
    documents,
    kubernetes_objects,
    merged,
    metrics_patch,
    printed_objects,
)

pytestmark = [pytest.mark.system, pytest.mark.any_database]

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
KUBERNETES_VERSIONS = ("1.31", "1.37")


def check(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    return subprocess.run(
        [*command, *map(str, paths)], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("compose-spec", DEPLOY / "compose.yaml"),
        ("compose-spec", DEPLOY / "compose.metrics.yaml"),
        ("github-workflows", GITHUB / "workflows" / "ci.yml"),
        ("github-workflows", GITHUB / "workflows" / "release.yml"),
        ("dependabot", GITHUB / "dependabot.yml"),
    ],
    ids=lambda it: it.name if isinstance(it, Path) else "",
)
def test_a_file_is_valid(schema: str, path: Path) -> None:
    done = check(schema, path)
    assert done.returncode == 0, done.stdout


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services: {web: {imge: userapi}}", encoding="utf-8")
    assert check("compose-spec", wrong).returncode != 0


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_kubernetes_knows_every_field(version: str) -> None:
    import kubernetes_validate  # noqa: PLC0415 - `make test` does without it

    patch = metrics_patch()
    objects = kubernetes_objects()
    (web,) = [it for it in objects if (it["kind"], it["metadata"]["name"]) == ("Deployment", "web")]
    printed = [it for it in printed_objects() if it["kind"] != "PodMonitor"]
    assert printed
    for it in [*objects, *printed, merged(web, patch)]:
        kubernetes_validate.validate(it, version, strict=True)


def test_each_file_of_kustomize_is_one() -> None:
    kinds = {
        path.parent.name: documents(path)[0]["kind"]
        for path in KUBERNETES.rglob("kustomization.yaml")
    }
    assert kinds == {
        "release": "Component",
        "setup": "Kustomization",
        "migration": "Kustomization",
        "service": "Kustomization",
        "console": "Kustomization",
        "metrics": "Component",
    }
