"""What the slices of a run tell together: medians, and ratios of contenders round by round."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.speed.slices import Slice

FASTER_IS_MORE = ("rate",)
"""Where more is better; of times less is."""


@dataclass(frozen=True)
class Ratio:
    """The median of the ratios of rounds, and the least and the greatest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        if math.isnan(self.median):
            return "-"
        return f"{shown(self.median)} [{shown(self.low)}-{shown(self.high)}]"


NO_RATIO = Ratio(math.nan, math.nan, math.nan)


_FEW = 20
"""With fewer answers a slice tells little: what one of them takes decides."""


class Figures:
    """The slices of a run, asked by number of users, work and contender."""

    def __init__(self, slices: Sequence[Slice]) -> None:
        self._slices = slices
        self.users = sorted({one.users for one in slices})

    def of(self, users: int, work: str, contender: str) -> list[Slice]:
        """Return the slices of a contender's work, round after round."""
        return [
            one
            for one in self._slices
            if (one.users, one.work, one.contender) == (users, work, contender)
        ]

    def median(self, users: int, work: str, contender: str, value: str) -> float:
        """Return the median of a value; NaN where nothing was answered."""
        return median([getattr(one, value) for one in self.of(users, work, contender)])

    def ratio(self, users: int, work: str, pair: tuple[str, str], value: str) -> Ratio:
        """Return how many times better the first of two is than the second, round by round."""
        theirs = {one.round: one for one in self.of(users, work, pair[1])}
        both = [
            (getattr(one, value), getattr(theirs[one.round], value))
            for one in self.of(users, work, pair[0])
            if one.round in theirs
        ]
        if value not in FASTER_IS_MORE:
            both = [(second, first) for first, second in both]
        found = [
            first / second
            for first, second in both
            if second and not math.isnan(first) and not math.isnan(second)
        ]
        if not found:
            return NO_RATIO
        return Ratio(statistics.median(found), min(found), max(found))

    def refusals(self, users: int, work: str, contender: str) -> str:
        """Return what was answered otherwise than it should have been."""
        return "; ".join(one.refusals for one in self.of(users, work, contender) if one.refusals)

    def scarce(self) -> list[tuple[int, str, str, int]]:
        """Return whose work gave few answers in a slice: users, contender, work, and how many."""
        least: dict[tuple[int, str, str], int] = {}
        for one in self._slices:
            key = one.users, one.contender, one.work
            least[key] = min(one.answers, least.get(key, one.answers))
        return [(*key, answers) for key, answers in least.items() if answers < _FEW]

    def failures(self, users: int, work: str, contender: str) -> int:
        """Return how many requests were not answered as they should have been."""
        return sum(one.failures for one in self.of(users, work, contender))


def median(values: Sequence[float]) -> float:
    """Return the median of those values that are numbers; NaN if none is."""
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def shown(number: float) -> str:
    """Return a number with the digits that mean something."""
    if math.isnan(number):
        return "-"
    if number >= 100:  # noqa: PLR2004 - three digits
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"  # noqa: PLR2004 - three digits
