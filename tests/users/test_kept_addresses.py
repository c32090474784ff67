from datetime import datetime, timedelta

import pytest

from support.rows import NOON
from userapi.users.policy import KEPT_UNPROVEN_FOR, can_be_freed

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("verified_at", "set_at", "expected"),
    [
        (None, NOON - KEPT_UNPROVEN_FOR, True),
        (None, NOON - KEPT_UNPROVEN_FOR + SECOND, False),
        (NOON, NOON - 2 * KEPT_UNPROVEN_FOR, False),
        (None, None, False),
    ],
    ids=["seven days without proof", "a second less", "proven", "from before"],
)
def test_an_address_is_freed_after_seven_days_without_proof(
    verified_at: datetime | None, set_at: datetime | None, *, expected: bool
) -> None:
    assert can_be_freed(verified_at, set_at, NOON) is expected
