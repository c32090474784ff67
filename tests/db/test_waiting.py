"""How long the database is waited for by who has waited before."""

from collections.abc import Iterator

import pytest

from userapi.db import waiting
from userapi.kit.arrival import WAITED

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def _without_end() -> Iterator[None]:
    yield
    waiting.end()


def test_who_has_waited_for_a_turn_has_less_time_left_but_some() -> None:
    waiting.begin(4)
    WAITED.set(3.5)
    assert waiting.seconds_left(4) == pytest.approx(0.5)
    assert waiting.is_short()
    WAITED.set(10)
    assert waiting.seconds_left(4) == pytest.approx(0.5)

    waiting.begin(4)
    assert waiting.seconds_left(4) == 4
