import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from userapi.kit.cursor import Cursor, Sort, SortValue

BY_TIME = Sort({"time": datetime, "id": int})
BY_NAME = Sort({"name": str, "id": uuid.UUID}, is_descending=False)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONG_FROM_NOW = EPOCH + timedelta(microseconds=2**55 - 1)
LONG_AGO = EPOCH - timedelta(microseconds=2**55)
SOME_ID = uuid.UUID("7b0e1f5c-95a5-4c1c-a8a0-3f7b1f0f9e11")


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    title: str
    time: datetime


@pytest.mark.parametrize("time", [LONG_AGO, EPOCH, EPOCH.replace(microsecond=1), LONG_FROM_NOW])
@pytest.mark.parametrize("row_id", [1, 2**31, 2**63 - 1])
def test_a_cursor_of_a_time_is_read_as_it_was_written(time: datetime, row_id: int) -> None:
    cursor = Cursor((time, row_id))

    assert re.search(BY_TIME.pattern, str(cursor))
    assert BY_TIME.parse(str(cursor)) == cursor


@pytest.mark.parametrize("name", ["", "A", "Ada", "Ada Lovelace", "\u00c4\U0001f600" * 254])
def test_a_cursor_of_a_text_is_read_as_it_was_written(name: str) -> None:
    cursor = Cursor((name, SOME_ID))

    assert re.search(BY_NAME.pattern, str(cursor))
    assert BY_NAME.parse(str(cursor)) == cursor


@pytest.mark.parametrize("values", [(7, "Ada", EPOCH), (SOME_ID, 7), ("Ada", "Lovelace", 7)])
def test_fields_of_all_types_stand_in_any_order(values: tuple[SortValue, ...]) -> None:
    sort = Sort({f"field_{number}": type(value) for number, value in enumerate(values)})

    assert sort.parse(str(Cursor(values))).values == values


def test_the_place_of_a_record_is_made_of_the_fields_of_the_sort() -> None:
    assert BY_TIME.place_of(Row(7, "On Notes", EPOCH)) == Cursor((EPOCH, 7))


def test_a_cursor_of_fixed_length_has_its_length_in_the_pattern() -> None:
    assert BY_TIME.pattern == "^~?[A-Za-z0-9_-]{20}$"


def test_a_cursor_that_leads_back_has_a_mark() -> None:
    place = BY_TIME.place_of(Row(7, "On Notes", EPOCH), is_backward=True)

    assert re.fullmatch(BY_TIME.backward_pattern[1:-1], str(place))
    assert not re.fullmatch(BY_TIME.forward_pattern[1:-1], str(place))
    assert BY_TIME.parse(str(place)) == place


def test_it_leads_to_what_comes_after_without_the_mark() -> None:
    place = BY_TIME.place_of(Row(7, "On Notes", EPOCH))

    assert re.fullmatch(BY_TIME.forward_pattern[1:-1], str(place))
    assert BY_TIME.parse(str(place)) == place


@pytest.mark.parametrize("text", ["A" * 20, "_" * 20, "-" * 20, "Bkmru9n4QAAAAAAAABJn"])
def test_every_text_of_the_form_is_a_cursor(text: str) -> None:
    assert re.search(BY_TIME.pattern, text)
    assert str(BY_TIME.parse(text)) == text


@pytest.mark.parametrize("text", ["A" * 24, "_" * 25, "-" * 26, "AAME" + "A_-8" * 999])
def test_every_text_of_a_form_with_texts_is_a_place_that_a_database_can_look_for(
    text: str,
) -> None:
    assert re.search(BY_NAME.pattern, text)
    name, row_id = BY_NAME.parse(text).values

    assert isinstance(name, str)
    assert "\0" not in name
    assert name.encode().decode() == name
    assert isinstance(row_id, uuid.UUID)


@pytest.mark.parametrize(
    "text", ["", "A" * 19, "A" * 21, "A" * 19 + "=", "A" * 19 + "+", "A" * 20 + "\n", "\u00c4" * 20]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        BY_TIME.parse(text)


@pytest.mark.parametrize("text", ["", "A" * 23, "A" * 4001, "A" * 23 + "="])
def test_anything_else_is_none_where_the_length_varies(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        BY_NAME.parse(text)
