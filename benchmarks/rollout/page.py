"""The figures as docs/upgrading.md has them."""

import os
from pathlib import Path

from benchmarks.rollout.running import Results
from benchmarks.speed.page import with_results

PAGE = Path(__file__).parents[2] / "docs" / "upgrading.md"
_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def report(results: Results) -> str:
    """Return what came of it as a table."""
    tally, served = results.tally, results.tally.served
    seconds, what = tally.worst
    rows = [
        ("requests", f"{tally.asked:,}"),
        ("answered by the last release", f"{served['before']:,}"),
        ("answered by this version", f"{served['after']:,}"),
        ("rollouts; rollbacks", f"{results.rollouts}; {results.rollbacks}"),
        ("people, each with a session that lives on", f"{results.people:,}"),
        ("**failed requests**", f"**{len(tally.failed)}**"),
        ("**acknowledged writes lost**", f"**{len(tally.lost)}**"),
        ("**sessions ended that nobody ended**", f"**{len(tally.ended)}**"),
        ("registrations repeated at the other version, 409", f"{tally.taken}"),
        ("99 of 100 answers within", f"{results.p99 * 1000:,.0f} ms"),
        ("the longest wait", f"{seconds * 1000:,.0f} ms ({what})"),
        ("migrations under load took", _range(results.migrations)),
    ]
    title = _TITLES[results.wanted.database]
    head = (
        f"The last run, on {title} and {os.cpu_count()} processors with a load of "
        f"{os.getloadavg()[2]:.0f}:\n\n| what | figure |\n|---|---|\n"
    )
    return head + "\n".join(f"| {name} | {figure} |" for name, figure in rows)


def write_page(results: Results) -> None:
    """Write the table into the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_results(page, report(results)), encoding="utf-8")


def _range(seconds: list[float]) -> str:
    return f"{min(seconds):.1f} to {max(seconds):.1f} s"
