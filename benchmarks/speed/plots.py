"""Two plots as SVG, without anything that would have to be installed; for light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.speed.figures import shown

_WIDTH, _LEFT, _RIGHT, _TOP = 760, 270, 90, 44
_BAR, _GAP = 16, 6
_HEIGHT = 380
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 15px; }
.quiet { fill: #57606a; font-size: 12px; }
.grid { stroke: #d0d7de; }
.plot-0 { --c: #0b62c4; } .plot-1 { --c: #b35900; } .plot-2 { --c: #6f42c1; }
.plot-3 { --c: #1a7f37; } .plot-4 { --c: #a40e26; } .plot-5 { --c: #57606a; }
.bar, text.name { fill: var(--c); } .line { stroke: var(--c); fill: none; stroke-width: 2; }
.back { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .quiet { fill: #9da7b3; }
.grid { stroke: #3d444d; } .back { fill: #0d1117; }
.plot-0 { --c: #58a6ff; } .plot-1 { --c: #f0a04b; } .plot-2 { --c: #bc8cff; }
.plot-3 { --c: #56d364; } .plot-4 { --c: #ff7b72; } .plot-5 { --c: #9da7b3; }
}
</style>"""


@dataclass(frozen=True)
class Series:
    """A line of a plot: its name, and values by number of users."""

    name: str
    points: Sequence[tuple[int, float]]


def bars(title: str, note: str, groups: Mapping[str, Sequence[tuple[int, str, float]]]) -> str:
    """Return groups of bars, each with its colour's number, its name and its value."""
    known = [value for rows in groups.values() for _, _, value in rows if not math.isnan(value)]
    largest = max(known, default=1.0) or 1.0
    parts, y = [], _TOP + 14
    for group, rows in groups.items():
        parts.append(f'<text x="12" y="{y + 13}" class="title">{escape(group)}</text>')
        y += 22
        for colour, name, value in rows:
            length = 0.0 if math.isnan(value) else (_WIDTH - _LEFT - _RIGHT) * value / largest
            parts += [
                f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>',
                _rectangle(colour, y, max(1.0, length)),
                f'<text x="{_LEFT + length + 6:.1f}" y="{y + 12}">{shown(value)}</text>',
            ]
            y += _BAR + _GAP
        y += 10
    return _svg(title, note, y + 4, parts)


def _rectangle(colour: int, top: float, width: float) -> str:
    place = f'x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" rx="2"'
    return f'<rect class="bar plot-{colour}" {place}/>'


def growth(title: str, note: str, series: Sequence[Series]) -> str:
    """Return lines on two logarithmic axes: users, and milliseconds."""
    points = [
        (users, value) for one in series for users, value in one.points if not math.isnan(value)
    ]
    if not points:
        return _svg(title, "nothing was measured", 80, [])
    x = _axis([users for users, _ in points], 60, _WIDTH - 250)
    y = _axis([value for _, value in points], _HEIGHT - 40, _TOP + 20)
    parts = _grid(points, x, y)
    ends = []
    for number, one in enumerate(series):
        known = [(x(users), y(value)) for users, value in one.points if not math.isnan(value)]
        if not known:
            continue
        path = " ".join(f"{left:.1f},{top:.1f}" for left, top in known)
        parts.append(f'<polyline class="line plot-{number}" points="{path}"/>')
        parts += [
            f'<circle class="bar plot-{number}" cx="{left:.1f}" cy="{top:.1f}" r="4"/>'
            for left, top in known
        ]
        ends.append((*known[-1], number, one.name))
    parts += _names(ends)
    return _svg(title, note, _HEIGHT, parts)


class _Axis:
    """A logarithmic axis between two places."""

    def __init__(self, low: float, high: float, places: tuple[float, float]) -> None:
        self._low, self._high = math.log10(low), math.log10(high)
        self._begin, self._end = places

    def __call__(self, value: float) -> float:
        span = self._high - self._low or 1.0
        part = (math.log10(value) - self._low) / span
        return self._begin + (self._end - self._begin) * part


def _axis(values: Sequence[float], begin: float, end: float) -> _Axis:
    positive = [max(value, 0.001) for value in values]
    return _Axis(min(positive), max(*positive, min(positive) * 2), (begin, end))


def _grid(points: Sequence[tuple[int, float]], x: _Axis, y: _Axis) -> list[str]:
    parts = [
        f'<text class="quiet" x="{x(users):.1f}" y="{_HEIGHT - 16}" text-anchor="middle">'
        f"{users:,} users</text>"
        for users in sorted({users for users, _ in points})
    ]
    values = [value for _, value in points]
    powers = range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)
    for value in (step * 10.0**power for power in powers for step in (1, 2, 5)):
        if min(values) <= value <= max(values):
            at = y(value)
            parts.append(f'<path class="grid" d="M60 {at:.1f}H{_WIDTH - 250}"/>')
            parts.append(
                f'<text class="quiet" x="54" y="{at + 4:.1f}" text-anchor="end">{value:g} ms</text>'
            )
    return parts


def _names(ends: Sequence[tuple[float, float, int, str]]) -> list[str]:
    """Return the names of lines at their ends, from the top on, none upon another."""
    parts, free = [], 0.0
    for left, top, number, name in sorted(ends, key=lambda end: end[1]):
        free = max(top, free)
        parts.append(
            f'<text class="name plot-{number}" x="{left + 10:.1f}" y="{free + 4:.1f}">'
            f"{escape(name)}</text>"
        )
        free += _BAR
    return parts


def _svg(title: str, note: str, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f'width="{_WIDTH}" height="{height:.0f}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join(
        [
            *(head, _STYLE, f'<rect class="back" width="{_WIDTH}" height="{height:.0f}"/>'),
            f'<text x="12" y="22" class="title">{escape(title)}</text>',
            f'<text x="12" y="40" class="quiet">{escape(note)}</text>',
            *(*parts, "</svg>", ""),
        ]
    )
