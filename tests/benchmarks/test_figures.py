import math
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from benchmarks.speed.figures import Figures, shown
from benchmarks.speed.memory import Memory
from benchmarks.speed.page import BEGIN, END, with_results
from benchmarks.speed.plots import Series, bars, growth
from benchmarks.speed.processes import seconds_in
from benchmarks.speed.slices import Slice, quantile
from benchmarks.speed.targets import TARGETS, Found, lines


def slice_of(
    contender: str, number: int, *, users: int = 1000, work: str = "me", **values: float
) -> Slice:
    given = {"rate": 100.0, "p50": 1.0, "p99": 2.0, "server": 4.0, "database": 3.0, "load": 1.0}
    return Slice(users, number, contender, work, 10, 0, "", **(given | values))


FIGURES = Figures(
    [
        *(slice_of("userapi", number, rate=rate) for number, rate in enumerate([300, 100, 400])),
        *(slice_of("plain", number, rate=rate) for number, rate in enumerate([100, 50, 400])),
        slice_of("fewest", 0, work="first", p50=2.0, users=1_000_000),
        slice_of("userapi", 0, work="first", p50=2.4, users=1_000_000),
        slice_of("userapi", 0, work="refresh"),
    ]
)


def test_ratios_are_those_of_rounds() -> None:
    ratio = FIGURES.ratio(1000, "me", ("userapi", "plain"), "rate")

    assert (ratio.low, ratio.median, ratio.high) == (1, 2, 3)


def test_what_gave_few_answers_in_a_slice_is_told() -> None:
    slices = [slice_of("plain", number, work="login") for number in range(2)]
    many, few = replace(slices[0], answers=20), replace(slices[1], answers=19)

    assert Figures([many]).scarce() == []
    assert Figures([many, few]).scarce() == [(1000, "plain", "login", 19)]


def test_of_times_the_shorter_one_is_better() -> None:
    figures = Figures([slice_of("userapi", 0, server=2.0), slice_of("plain", 0, server=6.0)])

    assert figures.ratio(1000, "me", ("userapi", "plain"), "server").median == 3


def test_a_round_in_which_nothing_was_answered_has_no_ratio() -> None:
    figures = Figures([slice_of("userapi", 0), slice_of("plain", 0, server=math.nan)])

    assert math.isnan(figures.ratio(1000, "me", ("userapi", "plain"), "server").median)
    assert math.isnan(figures.median(1000, "me", "plain", "server"))


@pytest.mark.parametrize(
    ("times", "part", "expected"),
    [([], 0.5, math.nan), ([3.0], 0.99, 3), ([1, 2, 3], 0.5, 2), (list(range(101)), 0.99, 99)],
)
def test_a_quantile(times: list[float], part: float, expected: float) -> None:
    assert quantile(times, part) == pytest.approx(expected, nan_ok=True)


def test_processor_time_is_that_of_ended_children_too_behind_any_name() -> None:
    stat = "7 (a b) c) S 1 7 7 0 -1 4194560 900 0 0 0 250 50 75 25 20 0 1 0 100"

    assert seconds_in(stat) == 4


def test_figures_have_three_digits() -> None:
    assert [shown(it) for it in (1234.5, 12.34, 1.234, math.nan)] == ["1,234", "12.3", "1.23", "-"]


def verdicts() -> dict[str, str]:
    found = Found(FIGURES, [Memory("userapi", 91.0, 247.0, 1, 0)], {"userapi": [0.7, 0.9, 0.8]})
    rows = [line.strip("| ").split(" | ") for line in lines(found)[2:]]
    return {row[0]: f"{row[3]}, {row[4]}" for row in rows}


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("list of 100, first page, 1,000,000 against 1,000 users, p50", "1.20 x, reached"),
        ("refreshes for a second of application, database and load together", "125, reached"),
        ("resident memory of a worker, idle", "91.0 MiB, reached"),
        ("the same after a flood of log-ins", "247 MiB, **not reached**"),
        ("start of 2 workers to the first answer", "0.80 s, aim reached"),
        ("search, rare word, 1,000,000 users", "-, not measured"),
    ],
)
def test_a_target_is_reached_or_not(title: str, verdict: str) -> None:
    assert verdicts()[title] == verdict


def test_every_target_is_told() -> None:
    assert len(verdicts()) == len(TARGETS)


def test_results_take_the_place_of_those_before() -> None:
    page = f"# Speed\n\n{BEGIN}\n\nold\n\n{END}\n\nThe end.\n"

    assert with_results(page, "new") == page.replace("old", "new")


def test_plots_are_xml_whatever_is_in_them() -> None:
    plots = [
        bars("a < b", "note & more", {"me": [(0, "ours", 1.5), (1, "theirs", math.nan)]}),
        growth("growth", "ms", [Series("<ours>", [(1000, 2.0), (10_000, math.nan)])]),
        growth("growth", "ms", [Series("ours", [(1000, 2.0), (1_000_000, 700.0)])]),
        growth("nothing", "ms", []),
    ]

    assert [ET.fromstring(plot).tag for plot in plots] == ["{http://www.w3.org/2000/svg}svg"] * len(
        plots
    )
