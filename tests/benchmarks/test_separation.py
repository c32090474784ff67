from itertools import product

import pytest
from benchmarks.separation import area_under_curve


@pytest.mark.parametrize(
    ("first", "second", "area"),
    [
        ([1, 2, 3], [4, 5, 6], 1),
        ([4, 5, 6], [1, 2, 3], 0),
        ([1, 2, 3], [1, 2, 3], 0.5),
        ([7, 7], [7, 7, 7], 0.5),
        ([1, 4], [2, 3], 0.5),
        ([1], [1, 2], 0.75),
        ([1, 2, 2], [2, 3], 5 / 6),
    ],
)
def test_the_area_is_the_chance_that_the_second_is_larger(
    first: list[float], second: list[float], area: float
) -> None:
    assert area_under_curve(first, second) == pytest.approx(area)


def test_it_is_the_same_as_looking_at_every_pair() -> None:
    first = [number * 37 % 101 / 10 for number in range(60)]
    second = [number * 53 % 89 / 10 + 1 for number in range(45)]

    chances = [(a < b) + (a == b) / 2 for a, b in product(first, second)]

    assert area_under_curve(first, second) == pytest.approx(sum(chances) / len(chances))


def test_exchanged_samples_have_the_opposite_area() -> None:
    first, second = [1.0, 5, 2], [3.0, 5, 4, 9]

    assert area_under_curve(first, second) + area_under_curve(second, first) == pytest.approx(1)
