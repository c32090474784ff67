"""The figures as docs/scaling.md has them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cluster.scenario import Scenario
from benchmarks.faults.case import Seen

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
BEGIN = "<!-- results: written by make cluster -->"
END = "<!-- end of results -->"


@dataclass(frozen=True)
class Result:
    """What a scenario found."""

    scenario: Scenario
    seen: Seen

    @property
    def misses(self) -> tuple[str, ...]:
        """What was demanded, and is not so; what was late, too."""
        return (*self.seen.misses, *self.seen.late)


def report(results: Sequence[Result], seconds: float) -> str:
    """Return what a run found: the sums, the table, and the misses one by one."""
    acknowledged = sum(result.seen.acknowledged for result in results)
    in_doubt = sum(result.seen.in_doubt for result in results)
    missed = [result for result in results if result.misses]
    summary = (
        f"The last run, on {os.cpu_count()} processors with a load of {os.getloadavg()[2]:.0f},"
        f" took {seconds / 60:.0f} minutes: {acknowledged:,} changes were acknowledged and"
        f" {in_doubt:,} left in doubt for a while; {len(missed)} of {len(results)} miss something."
    )
    lines = [
        summary,
        "",
        "| | what | demanded | seen |",
        "|---|---|---|---|",
        *map(_row, results),
    ]
    lines += [
        f"\nMissed by {result.scenario.name}: {'; '.join(result.misses)}" for result in missed
    ]
    return "\n".join(lines)


def write_page(text: str, page: Path = PAGE) -> None:
    """Write a report between the page's marks. Raises `ValueError` where they are not."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"{page.name} has no place for results"
        raise ValueError(message)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _row(result: Result) -> str:
    scenario = result.scenario
    verdict = "**missed** " if result.misses else ""
    figure = result.seen.figure.replace("|", "/").replace("\n", " ")
    return f"| {scenario.name} | {scenario.what} | {scenario.demand} | {verdict}{figure} |"
