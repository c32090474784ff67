"""The table of docs/reliability.md, written from the results of a run."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults.case import Case
from benchmarks.faults.results import Result, Results

_PAGE = Path("docs/reliability.md")
_BEGIN = "<!-- results: written by make faults -->"
_END = "<!-- end of results -->"


def write_page(cases: Sequence[Case], results: Results, machine: str) -> None:
    """Write the results of a run into the page."""
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    text = f"{before}{_BEGIN}\n\n{report(cases, results, machine)}\n{_END}{after}"
    _PAGE.write_text(text, encoding="utf-8")


def report(cases: Sequence[Case], results: Results, machine: str) -> str:
    """Return what a run found: the sums, the table, and the misses one by one."""
    every = results.all()
    acknowledged = sum(result.acknowledged for result in every)
    in_doubt = sum(result.in_doubt for result in every)
    missed = [result for result in every if result.misses]
    summary = (
        f"{machine} {len(every)} cases by database, {sum(it.seconds for it in every) / 60:.0f}"
        f" minutes: {acknowledged:,} writes were acknowledged and {in_doubt:,} left in doubt;"
        f" {len(missed)} of the cases miss something that is demanded."
    )
    lines = [
        summary,
        "",
        "| case | fault | demanded | seen on SQLite | seen on PostgreSQL |",
        "|---|---|---|---|---|",
        *(_row(case, results) for case in cases),
        "",
        *_misses(missed),
    ]
    return "\n".join(lines)


def _row(case: Case, results: Results) -> str:
    seen = (_cell(case, database, results) for database in ("sqlite", "postgresql"))
    return f"| {case.name} | {case.fault} | {case.demand} | {' | '.join(seen)} |"


def _cell(case: Case, database: str, results: Results) -> str:
    if database not in case.databases:
        return "does not apply"
    result = results.of(case.name, database)
    if result is None:
        return "not run"
    verdict = "**missed** " if result.misses else ""
    return verdict + _plain(result.figure)


def _misses(missed: Sequence[Result]) -> list[str]:
    if not missed:
        return ["Nothing is missed."]
    lines = ["What is missed:", ""]
    for result in missed:
        lines += [f"- {result.case} on {result.database}: {_plain('; '.join(result.misses))}"]
    return lines


def _plain(text: str) -> str:
    """Return a text that fits into a cell."""
    return text.replace("|", "/").replace("\n", " ")
