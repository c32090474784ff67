"""tools/release: make the working tree the release of a version. Git is left to the person."""

import datetime as dt
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from releasing import Refused
from releasing.changelog import Unreleased, released
from releasing.contract import change_made_by, differences, version_of
from releasing.versions import Change, Version
from userapi.db.revisions import RELEASED, newest_in

ROOT = Path(__file__).parents[2]
_PACKAGE = "src/userapi/__init__.py"
_IMAGE = "deploy/kubernetes/release/kustomization.yaml"
_LEFT_TO_DO = """\
Version {version} is made, but not committed. What is left to you:
  git add CHANGELOG.md alembic deploy openapi src/userapi/__init__.py
  git diff --staged
  git commit --message "Release {version}"
  git tag v{version}
"""


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Make the release that the command line names, or say why not."""
    today = dt.datetime.now(tz=dt.UTC).date()
    try:
        version = _version_named_by(arguments)
        Release(root).make(version, today)
    except Refused as refusal:
        sys.stderr.write(f"Error: {refusal}\n")
        return 1
    sys.stdout.write(_LEFT_TO_DO.format(version=version))
    return 0


@dataclass(frozen=True)
class Release:
    """A release of the project in the folder `root`."""

    root: Path

    @property
    def package(self) -> Path:
        """The file that holds the version."""
        return self.root / _PACKAGE

    @property
    def image(self) -> Path:
        """The file that tells Kubernetes which image runs."""
        return self.root / _IMAGE

    @property
    def changelog(self) -> Path:
        """What changes for users."""
        return self.root / "CHANGELOG.md"

    @property
    def document(self) -> Path:
        """The contract as the code has it."""
        return self.root / "openapi/openapi.json"

    @property
    def contract(self) -> Path:
        """The contract of the last release; before the first one there is none."""
        return self.root / "openapi/released.json"

    @property
    def migrations(self) -> Path:
        """The folder of the migrations, which also tells the newest one of the last release."""
        return self.root / "alembic"

    @property
    def kept(self) -> list[Path]:
        """The contracts of all releases whose clients still work, the last one's too."""
        return sorted((self.root / "openapi/releases").glob("*.json"))

    def make(self, version: Version, day: dt.date) -> None:
        """Check everything, then write everything, or leave all as it was."""
        change = Change.NONE
        unreleased = Unreleased.of(_text(self.changelog))
        self._check_notes(unreleased, version)
        if self.contract.exists():
            self._check_version(version, Change.NONE)
        self._check_fresh()
        if self.contract.exists():
            change = change_made_by(differences(self.contract, self.document))
            self._check_version(version, change)
            self._check_notice(unreleased, change)
        self._write(version, day)
        if change is Change.BREAKING:
            self._drop_all_but(version)

    def _check_notes(self, unreleased: Unreleased, version: Version) -> None:
        if unreleased.is_empty:
            message = "CHANGELOG.md says nothing under Unreleased"
            raise Refused(message)
        if unreleased.announced not in {None, version}:
            message = f"CHANGELOG.md announces version {unreleased.announced}, not {version}"
            raise Refused(message)

    def _check_version(self, version: Version, change: Change) -> None:
        last = version_of(self.contract)
        needed = last.after(change)
        if version < needed:
            message = (
                f"the contract {change.value}, compared with {last}: "
                f"the version must be {needed} or later, not {version}"
            )
            raise Refused(message)

    def _check_notice(self, unreleased: Unreleased, change: Change) -> None:
        objection = unreleased.objection_to(change, version_of(self.contract))
        if objection is not None:
            message = f"CHANGELOG.md: {objection}"
            raise Refused(message)

    def _check_fresh(self) -> None:
        if self._userapi("openapi", "print") != _text(self.document):
            message = "openapi/openapi.json is stale: run make openapi"
            raise Refused(message)

    def _write(self, version: Version, day: dt.date) -> None:
        kept = self.root / f"openapi/releases/{version}.json"
        released_revision = self.migrations / RELEASED
        paths = (
            self.package,
            self.image,
            self.changelog,
            self.document,
            self.contract,
            kept,
            released_revision,
        )
        before = {path: _text(path) if path.exists() else None for path in paths}
        try:
            self._set(_PACKAGE, "__version__ = ", f'"{version}"')
            self._set(_IMAGE, "    newTag: ", f"v{version}")
            self._userapi("openapi", "write", str(self.document))
            self._check_written(version)
            _put(self.contract, _text(self.document))
            _put(kept, _text(self.document))
            _put(released_revision, f"{newest_in(self.migrations / 'versions')}\n")
            _put(self.changelog, released(_text(self.changelog), version, day))
        except BaseException:  # a keyboard's interrupt, too, must leave nothing half done
            for path, text in before.items():
                path.unlink(missing_ok=True) if text is None else _put(path, text)
            raise

    def _set(self, name: str, start: str, value: str) -> None:
        """Put the value into the only line of a file that starts like that."""
        path = self.root / name
        line = re.compile(f"^{re.escape(start)}.*$", re.MULTILINE)
        text, count = line.subn(start + value, _text(path))
        if count != 1:
            message = f"{name} has no single line with {start.strip(' :=')}"
            raise Refused(message)
        _put(path, text)

    def _drop_all_but(self, version: Version) -> None:
        """Let go the contracts that this release breaks."""
        for path in self.kept:
            if path.stem != str(version):
                path.unlink()

    def _check_written(self, version: Version) -> None:
        if version_of(self.document) != version:
            message = f"the new document is not that of version {version}"
            raise Refused(message)

    def _userapi(self, *arguments: str) -> str:
        """Run this tree's `userapi`, whatever is installed, and return what it prints."""
        variables = {
            **os.environ,
            "PYTHONPATH": str(self.root / "src"),
            # Python tells by second and size whether its cache is stale; here both may agree.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        answer = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            [sys.executable, "-m", "userapi", *arguments],
            cwd=self.root,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            message = f"userapi {' '.join(arguments)} failed:\n{answer.stderr.strip()}"
            raise Refused(message)
        return answer.stdout


def _version_named_by(arguments: list[str]) -> Version:
    if len(arguments) != 1:
        message = "name the version: make release VERSION=1.2.3"
        raise Refused(message)
    return Version.parse(arguments[0])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
