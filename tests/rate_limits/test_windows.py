"""What the headers tell of several windows."""

import re

import pytest

from userapi.rate_limits.decorator import RATE_LIMIT, RATE_LIMIT_POLICY
from userapi.rate_limits.windows import (
    Window,
    limits_header,
    most_pressing_first,
    policies_header,
    seconds_until_free,
)

CLIENT = Window(name="client", quota=6000, seconds=300, remaining=3000, seconds_left=241)
LOGIN = Window(name="login", quota=30, seconds=300, remaining=14, seconds_left=300)
SPENT = Window(
    name="writes-86400",
    quota=5,
    seconds=86_400,
    remaining=3,
    seconds_left=70_000,
    is_refused=True,
)


def test_the_limit_that_is_used_up_first_comes_first() -> None:
    assert most_pressing_first([CLIENT, LOGIN]) == [LOGIN, CLIENT]


def test_what_refuses_comes_before_what_has_less_left() -> None:
    assert most_pressing_first([CLIENT, LOGIN, SPENT]) == [SPENT, LOGIN, CLIENT]


def test_the_longest_refusal_tells_how_long_to_wait() -> None:
    assert seconds_until_free([CLIENT, LOGIN]) == 0
    assert seconds_until_free([CLIENT, SPENT, LOGIN]) == 70_000


@pytest.mark.parametrize("windows", [[CLIENT], [LOGIN, CLIENT], [SPENT, LOGIN, CLIENT]])
def test_what_is_told_fits_what_is_documented(windows: list[Window]) -> None:
    for header, text in (
        (RATE_LIMIT, limits_header(windows)),
        (RATE_LIMIT_POLICY, policies_header(windows)),
    ):
        schema = header.definition["schema"]
        assert re.search(schema["pattern"], text)
        assert len(text) <= schema["maxLength"]
        assert re.search(schema["pattern"], header.definition["example"])
