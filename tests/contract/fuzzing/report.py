"""What schemathesis says that it did."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

SUMMARY = "summary.json"
EVENTS = "events.ndjson"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
"""The phases that send cases."""


class NoReportError(Exception):
    """The run ended without saying what it did."""


class Case(NamedTuple):
    """One request with what became of it; `checks` is empty for a check's own further requests."""

    operation: str
    phase: str
    checks: tuple[str, ...]
    status: int | None
    link: str | None


@dataclass
class Tally:
    """Counts over the cases of a run, or of several."""

    cases: Counter[str] = field(default_factory=Counter)  # by phase
    checks: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[int | None]] = field(default_factory=lambda: defaultdict(Counter))
    links: Counter[str] = field(default_factory=Counter)

    def count(self, case: Case) -> None:
        """Count one case more."""
        self.answers[case.operation][case.status] += 1
        if case.checks:
            self.cases[case.phase] += 1
            self.checks.update(case.checks)
        if case.link is not None:
            self.links[case.link] += 1

    def add(self, other: "Tally") -> None:
        """Count all that another one has counted."""
        self.cases += other.cases
        self.checks += other.checks
        self.links += other.links
        for operation, answers in other.answers.items():
            self.answers[operation] += answers

    def succeeded(self, operation: str) -> bool:
        """Say whether the operation was ever answered with 2xx."""
        answers = self.answers.get(operation, Counter())
        return any(status is not None and 200 <= status < 300 for status in answers)


@dataclass(frozen=True)
class Report:
    """One run: schemathesis' own summary, the counts, and how many links are declared."""

    summary: Json
    tally: Tally
    declared_links: int


def read_report(folder: Path) -> Report:
    """Read the two reports of a run; raise `NoReportError`."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        with (folder / EVENTS).open(encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise NoReportError(str(error)) from error
    tally, declared_links = Tally(), 0
    for kind, event in (item for entry in events for item in entry.items()):
        if kind == "PhaseStarted":
            links = event.get("payload", {})
            declared_links += links.get("transitions_total", 0)
            declared_links -= links.get("inferred_transitions", 0)
        if kind == "ScenarioFinished":
            for case in _cases_of(event):
                tally.count(case)
    return Report(summary, tally, declared_links)


def _cases_of(scenario: Json) -> Iterator[Case]:
    recorder = scenario["recorder"]
    checks, interactions = recorder.get("checks", {}), recorder.get("interactions", {})
    for key, recorded in recorder.get("cases", {}).items():
        case = recorded["value"]
        response = interactions.get(key, {}).get("response", {})
        yield Case(
            operation=f"{case['method']} {case['path']}",
            phase=scenario["phase"],
            checks=tuple(check["name"] for check in checks.get(key, [])),
            status=response.get("status_code"),
            link=_declared_link(recorded),
        )


def _declared_link(recorded: Json) -> str | None:
    """Return the link of the document that led to the case, if it gave it its values."""
    transition = recorded.get("transition")
    if transition is None or transition["is_inferred"] or not recorded["is_transition_applied"]:
        return None
    return str(transition["id"])
