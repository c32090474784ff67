"""How times are told."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from userapi.kit.clock import TIMESTAMP_PATTERN, timestamp

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (NOON, "2026-01-31T12:00:00.000000Z"),
        (NOON + timedelta(microseconds=120), "2026-01-31T12:00:00.000120Z"),
        (NOON.astimezone(timezone(timedelta(hours=5.5))), "2026-01-31T12:00:00.000000Z"),
        (datetime(7, 1, 1, 0, 0, 0, 5, UTC), "0007-01-01T00:00:00.000005Z"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999999Z"),
        (datetime(7, 1, 1, tzinfo=UTC), "0007-01-01T00:00:00.000000Z"),
    ],
)
def test_a_time_has_one_form(moment: datetime, told: str) -> None:
    assert timestamp(moment) == told
    assert re.search(TIMESTAMP_PATTERN, told)
    assert datetime.fromisoformat(told) == moment
