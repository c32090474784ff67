"""The workflows: each job has the rights that it needs, and what they call is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from support.manifests import documents

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(name: str) -> Any:
    (read,) = documents(ROOT / ".github" / "workflows" / f"{name}.yml")
    return read


def jobs_with(right: str) -> set[str]:
    jobs = workflow("release")["jobs"]
    return {name for name, job in jobs.items() if job["permissions"].get(right) == "write"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_checkout_leaves_no_credentials_behind(path: Path) -> None:
    (read,) = documents(path)
    for job in read["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_that_others_choose_becomes_a_command(path: Path) -> None:
    (read,) = documents(path)
    for job in read["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_make_target_is_there(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for targets in re.findall(r"run: make (.+)", path.read_text(encoding="utf-8")):
        for target in targets.split():
            assert re.search(f"^{target}:", makefile, re.MULTILINE)


def test_rights_are_given_to_single_jobs_only() -> None:
    assert workflow("ci")["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow("ci")["jobs"].values())
    assert workflow("release")["permissions"] == {}
    assert jobs_with("contents") == set()
    assert jobs_with("packages") == {"image"}
    assert jobs_with("id-token") == {"pypi", "provenance", "image"}


def test_what_publishes_runs_nothing_of_the_repository() -> None:
    job = workflow("release")["jobs"]["pypi"]

    assert job["permissions"] == {"id-token": "write"}
    assert job["environment"]["name"] == "pypi"
    assert not [step for step in job["steps"] if "run" in step]
    assert [step["uses"].split("@")[0] for step in job["steps"]] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]


def test_nothing_is_published_before_everything_has_passed() -> None:
    jobs = workflow("release")["jobs"]

    assert ".ci/run" in [step.get("run") for step in jobs["build"]["steps"]]
    assert {name for name, job in jobs.items() if job.get("needs") == "build"} == set(jobs) - {
        "build"
    }


def test_dependabot_looks_where_versions_stand() -> None:
    (read,) = documents(ROOT / ".github" / "dependabot.yml")
    looked = {
        it["package-ecosystem"]: it.get("directories", [it.get("directory")])
        for it in read["updates"]
    }

    assert looked.keys() == {"pip", "npm", "github-actions", "docker", "docker-compose"}
    assert (ROOT / "deploy" / "compose.yaml").exists()
    assert looked["docker-compose"] == ["/deploy"]
