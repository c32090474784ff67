"""tools/contract-changes: how the contract differs from that of the last release."""

import sys
from pathlib import Path

from releasing import Refused
from releasing.changelog import Unreleased
from releasing.contract import change_made_by, differences, version_of

ROOT = Path(__file__).parents[2]


def main(root: Path = ROOT) -> int:
    """Print the differences; fail when they break the contract and nobody said so."""
    try:
        objection = _report(root)
    except Refused as refusal:
        sys.stderr.write(f"Error: {refusal}\n")
        return 2
    if objection is not None:
        sys.stderr.write(f"Error: CHANGELOG.md: {objection}\n")
        return 1
    return 0


def _report(root: Path) -> str | None:
    released = root / "openapi/released.json"
    if not released.exists():
        message = "openapi/released.json is missing; make release VERSION=1.2.3 writes it"
        raise Refused(message)
    last = version_of(released)
    findings = differences(released, root / "openapi/openapi.json")
    change = change_made_by(findings)
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(f"The contract {change.value}, compared with {last}.\n")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    return Unreleased.of(changelog).objection_to(change, last)
