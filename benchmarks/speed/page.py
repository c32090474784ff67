"""What a run tells, as text, and as the page and the plots in `docs`."""

import datetime as dt
import platform
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.speed import targets
from benchmarks.speed.contenders import CONTENDERS, FEWEST, OURS
from benchmarks.speed.figures import Figures, Ratio, median, shown
from benchmarks.speed.plots import Series, bars, growth
from benchmarks.speed.running import Results, Wanted

PAGE = Path("docs/performance.md")
PLOTS = Path("docs/images")
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
_TITLES = {one.name: one.title for one in CONTENDERS} | {
    "pgbench": "`pgbench -S`, the database alone",
    FEWEST: "this service, with the fewest users",
}
_LEFT_OUT = {one.left_out for one in CONTENDERS}
_HEAD = (
    "| answered by | answers/s | this service is x as fast | ms of processor | x as cheap "
    "| p50 ms | p99 ms | failed |"
)


@dataclass(frozen=True)
class Report:
    """What was wanted, and what was found."""

    wanted: Wanted
    results: Results
    is_quick: bool

    @cached_property
    def figures(self) -> Figures:
        """The figures of the slices."""
        return Figures(self.results.slices)

    @property
    def found(self) -> targets.Found:
        """What the targets are held against."""
        return targets.Found(self.figures, self.results.memory, self.results.starts)

    def text(self) -> str:
        """Return all tables."""
        parts = [
            *self._about(),
            "### Reached or not\n",
            *targets.lines(self.found),
            "",
            *self._memory(),
        ]
        for users in self.figures.users:
            parts += self._tables(users)
        return "\n".join([*parts, *self._scarce(), *self._failed()])

    def _about(self) -> list[str]:
        kind = "A **quick** run: few rounds, few users, not to be quoted. " if self.is_quick else ""
        today = dt.datetime.now(tz=dt.UTC).date()
        rounds = f"{self.wanted.rounds} rounds of {self.wanted.seconds:g} s"
        rates = [self._spread(work.name) for work in self.wanted.works if self._spread(work.name)]
        noise = (
            f" The same work of this service differed from round to round by x {median(rates):.2f} "
            f"in the middle and x {max(rates):.2f} at most."
            if rates
            else ""
        )
        busy = f" The load average was {self.results.load_average:.1f} when it began."
        return [f"{kind}{today}, {_machine()}; {rounds}.{busy}{noise}\n"]

    def _spread(self, work: str) -> float:
        rates = [
            [one.rate for one in self.figures.of(users, work, OURS) if one.rate]
            for users in self.figures.users
        ]
        return max((max(some) / min(some) for some in rates if some), default=0.0)

    def _memory(self) -> list[str]:
        parts = ["### Memory and start\n"]
        parts += ["| | idle, MiB | after log-ins, MiB | answered / refused | start, s |"]
        parts += ["|---|---|---|---|---|"]
        memory = {one.contender: one for one in self.results.memory}
        for name in dict.fromkeys([*memory, *self.results.starts]):
            start = shown(median(self.results.starts.get(name, [])))
            if (one := memory.get(name)) is None:
                parts.append(f"| {_TITLES[name]} | - | - | - | {start} |")
            else:
                cells = f"{one.idle:.0f} | {one.after:.0f} | {one.answered} / {one.refused}"
                parts.append(f"| {_TITLES[name]} | {cells} | {start} |")
        return [*parts, ""]

    def _tables(self, users: int) -> list[str]:
        parts = [f"### {users:,} users\n"]
        for work in self.wanted.works:
            parts += [f"**{work.title}**, {work.connections} at a time\n", _HEAD]
            parts += ["|---|---|---|---|---|---|---|---|"]
            parts += [
                self._row(users, work.name, name)
                for name in _TITLES
                if self.figures.of(users, work.name, name)
                or (name == OURS and (name, work.name) in self.results.left_out)
            ]
            parts.append("")
        return parts

    def _row(self, users: int, work: str, name: str) -> str:
        if not self.figures.of(users, work, name):
            reason = self.results.left_out[name, work].replace("|", "/")
            return f"| {_TITLES[name]} | {reason} | - | - | - | - | - | - |"
        rate, server, p50, p99 = (
            shown(self.figures.median(users, work, name, value))
            for value in ("rate", "server", "p50", "p99")
        )
        faster, cheaper = (self._ratio(users, work, name, value) for value in ("rate", "server"))
        failures = self.figures.failures(users, work, name)
        failed = f"**{failures}**: {self.figures.refusals(users, work, name)}" if failures else "0"
        cells = (_TITLES[name], rate, faster, server, cheaper, p50, p99, failed)
        return f"| {' | '.join(map(str, cells))} |"

    def _ratio(self, users: int, work: str, name: str, value: str) -> Ratio | str:
        return "1" if name == OURS else self.figures.ratio(users, work, (OURS, name), value)

    def _scarce(self) -> list[str]:
        lines = [
            f"- {_TITLES[name]}, {self._titles[work]}, {users:,} users: {answers}"
            for users, name, work, answers in self.figures.scarce()
        ]
        if not lines:
            return []
        about = "Their figures are rough; ask for longer slices (`--seconds`). The fewest in one:"
        return ["### What gave few answers in a slice\n", about, "", *lines, ""]

    @property
    def _titles(self) -> dict[str, str]:
        return {work.name: work.title for work in self.wanted.works}

    def _failed(self) -> list[str]:
        lines = [f"- {one}" for one in self.results.failed]
        lines += [
            f"- {_TITLES[name]}, {work}: {why}"
            for (name, work), why in self.results.left_out.items()
            if why not in _LEFT_OUT
        ]
        return ["### What did not run\n", *(lines or ["Nothing: all of it ran."])]

    def peers(self) -> str:
        """Return the plot of the contenders, with the fewest users."""
        users = self.found.least
        groups = {}
        for work in self.wanted.works:
            rows = [
                (number, _TITLES[name], self.figures.median(users, work.name, name, "server"))
                for number, name in enumerate(_TITLES)
                if name != "pgbench" and self.figures.of(users, work.name, name)
            ]
            if rows and work.name in ("me", "user", "first", "refresh"):
                groups[work.title.replace("`", "")] = rows
        note = f"the server's processor for each answer, in ms; {users:,} users; less is better"
        return bars("What an answer costs", note, groups)

    def growth(self) -> str:
        """Return the plot of lists and searches by the number of users."""
        asked = [
            *((OURS, work) for work in ("first", "deep", "rare", "common")),
            *(("plain", work) for work in ("first", "deep")),
        ]
        titles = self._titles
        series = [
            Series(
                f"{'plain: ' if name == 'plain' else ''}{titles.get(work, work)}",
                [
                    (users, self.figures.median(users, work, name, "p50"))
                    for users in self.figures.users
                ],
            )
            for name, work in asked
        ]
        note = "milliseconds until the answer (p50), one at a time; both axes logarithmic"
        return growth("Lists and searches as users become more", note, series)


def write_page(report: Report) -> None:
    """Write the tables into the page, and the plots beside it."""
    PLOTS.mkdir(exist_ok=True)
    (PLOTS / "speed-peers.svg").write_text(report.peers(), encoding="utf-8")
    (PLOTS / "speed-growth.svg").write_text(report.growth(), encoding="utf-8")
    PAGE.write_text(with_results(PAGE.read_text(encoding="utf-8"), report.text()), encoding="utf-8")


def with_results(page: str, results: str) -> str:
    """Return the page with other results between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{results}\n\n{END}{after}"


def _machine() -> str:
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = models[0] if models else platform.machine()
    return f"{model}, {len(models)} processors, Python {platform.python_version()}"
