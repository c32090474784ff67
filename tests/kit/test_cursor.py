import re
from datetime import UTC, datetime

import pytest

from userapi.kit.pagination import CURSOR_PATTERN, Cursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONG_FROM_NOW = datetime(4253, 5, 31, 22, 20, 37, 927_935, tzinfo=UTC)


@pytest.mark.parametrize("time", [EPOCH, EPOCH.replace(microsecond=1), LONG_FROM_NOW])
@pytest.mark.parametrize("row_id", [1, 2**31, 2**63 - 1])
def test_a_cursor_is_read_as_it_was_written(time: datetime, row_id: int) -> None:
    cursor = Cursor(time, row_id)

    assert re.search(CURSOR_PATTERN, str(cursor))
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["A" * 20, "_" * 20, "-" * 20, "Bkmru9n4QAAAAAAAABJn"])
def test_every_text_of_the_form_is_a_cursor(text: str) -> None:
    assert re.search(CURSOR_PATTERN, text)
    assert str(Cursor.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "A" * 19, "A" * 21, "A" * 19 + "=", "A" * 19 + "+", "A" * 20 + "\n", "Ä" * 20]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        Cursor.parse(text)
