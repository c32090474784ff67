"""tools/release and tools/contract-changes, on a copy of the files that they read and write."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from contract.comparing import need_oasdiff
from contract.edits import GONE, Edits, edited
from releasing import changes, release
from support.manifests import documents
from userapi import __version__
from userapi.web.api import Api, document_as_json
from userapi.web.services import provided

ROOT = Path(__file__).parents[2]
IMAGE = Path("deploy/kubernetes/release/kustomization.yaml")
ADDED = "### Added\n\n- Posts.\n"
BREAKING = "This will be version 2.0.0.\n\n### Breaking\n\n- `nickname` is gone.\n"
EMAIL = ("components", "schemas", "User", "properties", "email")
# What the last release had, so that this one takes it away, or adds it.
TAKEN_AWAY: Edits = {(*EMAIL[:-1], "nickname"): {"type": "string"}}
NEW: Edits = {EMAIL: GONE, (*EMAIL[:-2], "required", 1): "id"}


@pytest.fixture
def project(tmp_path: Path, documented_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The copy, before the first release."""
    for name in list(os.environ):
        if name.startswith("COVERAGE_"):  # coverage measures the package, not its copies
            monkeypatch.delenv(name)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "alembic", tmp_path / "alembic")
    shutil.copytree(ROOT / IMAGE.parent, tmp_path / IMAGE.parent)
    (tmp_path / "openapi").mkdir()
    with documented_app.app_context():
        (tmp_path / "openapi/openapi.json").write_text(document_as_json(provided(Api)))
    note(tmp_path, ADDED)
    return tmp_path


@pytest.fixture
def refusal(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Ask for a release that is refused, see that nothing is written, and return the reason."""

    def ask(*arguments: str) -> str:
        before = contents(project)
        assert release.main([*arguments], project) == 1
        assert contents(project) == before
        return capsys.readouterr().err

    return ask


def note(project: Path, text: str) -> None:
    """Write that to the changelog, as unreleased."""
    (project / "CHANGELOG.md").write_text(f"# Changelog\n\n## [Unreleased]\n\n{text}")


def set_last_release(project: Path, version: str, edits: Edits | None = None) -> None:
    """Let the last release have had that contract."""
    document = json.loads((project / "openapi/openapi.json").read_text())
    released = edited(document, {("info", "version"): version, **(edits or {})})
    (project / "openapi/released.json").write_text(json.dumps(released))


def contents(project: Path) -> dict[str, str]:
    """Return every file of the copy that a release could have written."""
    files = [
        project / "CHANGELOG.md",
        project / "alembic/released",
        project / IMAGE,
        *project.glob("openapi/**/*.json"),
        *project.rglob("src/**/*.py"),
    ]
    return {str(path): path.read_text() for path in files}


def version_in(path: Path) -> str:
    version: str = json.loads(path.read_text())["info"]["version"]
    return version


@pytest.mark.system
class TestRelease:
    def test_the_first_release_writes_version_changelog_and_contract(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = (project / "openapi/openapi.json").read_text()

        assert release.main(["7.8.9"], project) == 0

        assert '__version__ = "7.8.9"\n' in (project / "src/userapi/__init__.py").read_text()
        assert "\n## [7.8.9] - 20" in (project / "CHANGELOG.md").read_text()
        after = (project / "openapi/openapi.json").read_text()
        assert after == before.replace(f'"version": "{__version__}"', '"version": "7.8.9"')
        assert (project / "openapi/released.json").read_text() == after
        assert (project / "openapi/releases/7.8.9.json").read_text() == after
        newest = max(file.name[:4] for file in project.glob("alembic/versions/0*.py"))
        assert (project / "alembic/released").read_text() == f"{newest}\n"
        assert documents(project / IMAGE)[0]["images"][0]["newTag"] == "v7.8.9"
        said = capsys.readouterr().out
        assert "git tag v7.8.9" in said
        assert IMAGE.parts[0] in re.findall("git add (.*)", said)[0].split()

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ([], "make release VERSION=1.2.3"),
            (["next"], "'next' is no version"),
            (["1.4.2"], "must be 1.4.3 or later"),
            (["1.3.9"], "must be 1.4.3 or later"),
        ],
    )
    def test_a_version_that_cannot_be_next_is_refused(
        self, arguments: list[str], reason: str, project: Path, refusal: Callable[..., str]
    ) -> None:
        set_last_release(project, "1.4.2")
        assert reason in refusal(*arguments)

    @pytest.mark.parametrize(
        ("notes", "reason"),
        [
            ("### Added\n", "says nothing under Unreleased"),
            (f"This will be version 1.0.0.\n\n{ADDED}", "announces version 1.0.0, not 7.8.9"),
        ],
    )
    def test_a_changelog_that_does_not_fit_is_refused(
        self, notes: str, reason: str, project: Path, refusal: Callable[..., str]
    ) -> None:
        note(project, notes)
        assert reason in refusal("7.8.9")

    def test_manifests_that_name_no_single_image_are_refused(
        self, project: Path, refusal: Callable[..., str]
    ) -> None:
        with (project / IMAGE).open("a") as manifest:
            manifest.write("  - name: another\n    newTag: v1.0.0\n")
        assert f"{IMAGE} has no single line with newTag" in refusal("7.8.9")

    def test_a_stale_document_is_refused(self, project: Path, refusal: Callable[..., str]) -> None:
        with (project / "openapi/openapi.json").open("a") as document:
            document.write("\n")
        assert "stale: run make openapi" in refusal("7.8.9")

    def test_an_interrupted_release_leaves_everything_as_it_was(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*arguments: object) -> str:
            assert (project / "openapi/released.json").exists()  # it is late
            raise KeyboardInterrupt

        before = contents(project)
        monkeypatch.setattr(release, "released", interrupt)
        with pytest.raises(KeyboardInterrupt):
            release.main(["7.8.9"], project)
        assert contents(project) == before


@pytest.mark.system
class TestReleaseOfAChangedContract:
    @pytest.fixture(autouse=True)
    def oasdiff(self) -> None:
        need_oasdiff()

    @pytest.mark.parametrize(
        ("edits", "version", "reason"),
        [
            (NEW, "1.4.3", "must be 1.5.0 or later"),
            (TAKEN_AWAY, "1.5.0", "must be 2.0.0 or later"),
            (TAKEN_AWAY, "2.0.0", "needs a '### Breaking' section"),
        ],
        ids=["an addition in a patch", "a break in a minor version", "a break nobody named"],
    )
    def test_a_version_that_promises_too_much_is_refused(
        self, edits: Edits, version: str, reason: str, project: Path, refusal: Callable[..., str]
    ) -> None:
        set_last_release(project, "1.4.2", edits)
        assert reason in refusal(version)

    @pytest.mark.parametrize(
        ("edits", "notes", "version"),
        [({}, ADDED, "1.4.3"), (NEW, ADDED, "1.5.0"), (TAKEN_AWAY, BREAKING, "2.0.0")],
        ids=["a patch", "an addition", "a break"],
    )
    def test_a_fitting_version_is_released(
        self, edits: Edits, notes: str, version: str, project: Path
    ) -> None:
        set_last_release(project, "1.4.2", edits)
        note(project, notes)
        assert release.main([version], project) == 0
        assert version_in(project / "openapi/released.json") == version

    @pytest.mark.parametrize(
        ("edits", "notes", "version", "kept"),
        [
            (NEW, ADDED, "1.5.0", ["1.4.2", "1.5.0"]),
            (TAKEN_AWAY, BREAKING, "2.0.0", ["2.0.0"]),
        ],
        ids=["an addition", "a break"],
    )
    def test_the_contracts_are_kept_that_it_does_not_break(
        self, edits: Edits, notes: str, version: str, kept: list[str], project: Path
    ) -> None:
        set_last_release(project, "1.4.2", edits)
        (project / "openapi/releases").mkdir()
        shutil.copy(project / "openapi/released.json", project / "openapi/releases/1.4.2.json")
        note(project, notes)

        assert release.main([version], project) == 0

        assert sorted(path.stem for path in project.glob("openapi/releases/*")) == kept


@pytest.mark.system
class TestContractChanges:
    @pytest.fixture(autouse=True)
    def oasdiff(self) -> None:
        need_oasdiff()

    @pytest.mark.parametrize(
        ("edits", "said"),
        [
            ({}, "The contract does not change what callers can rely on, compared with 1.4.2."),
            (NEW, "compatible: GET /api/v1/users: added the required property"),
        ],
        ids=["no change", "an addition"],
    )
    def test_what_breaks_nothing_is_accepted(
        self, edits: Edits, said: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        set_last_release(project, "1.4.2", edits)
        assert changes.main(project) == 0
        assert said in capsys.readouterr().out

    def test_a_break_must_be_announced(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        set_last_release(project, "1.4.2", TAKEN_AWAY)
        assert changes.main(project) == 1
        said = capsys.readouterr()
        assert "breaking: GET /api/v1/users: removed the optional property" in said.out
        assert "needs a '### Breaking' section" in said.err
        note(project, BREAKING)
        assert changes.main(project) == 0

    def test_without_a_release_there_is_nothing_to_compare_with(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert changes.main(project) == 2
        assert "make release" in capsys.readouterr().err
