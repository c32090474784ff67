"""Texts that people see: what of them shows, to the field and in the document's pattern."""

import re
import time

import pytest
from marshmallow import ValidationError

from userapi.web.fields import CodedMessage, StrictString, VisibleLine, VisibleString

SHOWN = VisibleString(min_length=1, max_length=1000)
NAME = VisibleLine(min_length=1, max_length=1000)
INVISIBLE = {
    "space": " ",
    "no-break space": "\u00a0",
    "soft hyphen": "\u00ad",
    "ideographic space": "\u3000",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte-order mark": "\ufeff",
    "braille blank": "\u2800",
    "hangul filler": "\u3164",
    "hangul choseong filler": "\u115f",
    "hangul jungseong filler": "\u1160",
    "halfwidth hangul filler": "\uffa0",
    "mongolian vowel separator": "\u180e",
    "combining accents": "\u0301\u0308",
    "combining grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "interlinear anchor": "\ufff9",
    "all of them": " \u00a0\u200b\u2800\u3164\u0301\ufeff",
}
INVISIBLE_BEYOND = {
    "tag": "\U000e0041",
    "further variation selector": "\U000e0100",
    "unassigned, to be ignored": "\U000e0000\U000e0080\U000e01f0\U000e0fff",
    "shorthand format control": "\U0001bca0",
    "musical format control": "\U0001d173",
    "musical null notehead": "\U0001d159",
    "hieroglyph format control": "\U00013430",
    "khitan filler": "\U00016fe4",
}
"""What the document's pattern cannot name."""
DIRECTION_CONTROLS = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
NAMES = [
    *(
        "a",
        "Renée",
        "Rene\u0301e",
        "\u0301a",
        "日本",
        "👩\u200d🔬",
        "❤\ufe0f",
        "O'Neil",
        "한글",
        "7",
    ),
    *(" Ada ", "\u200bAda", "\u05e9", "\u0e01\u0e31", "\ufffd", "🏴\U000e0067\U000e007f"),
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
]
"""What people are called, and a Persian word with the joint that it needs."""


def codes(field: StrictString, value: str) -> list[str]:
    """Return the codes by which the field refuses the value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return [it.code for it in caught.value.messages if isinstance(it, CodedMessage)]


def matches(field: StrictString, value: str) -> bool:
    """Say whether the pattern in the document lets the value through."""
    return re.fullmatch(field.metadata["pattern"][1:-1], value) is not None


@pytest.mark.parametrize("field", [SHOWN, NAME], ids=["text", "line"])
@pytest.mark.parametrize("value", NAMES)
def test_what_can_be_seen_is_taken_as_it_is(field: StrictString, value: str) -> None:
    assert field.deserialize(value) == value
    assert matches(field, value)


@pytest.mark.parametrize("field", [SHOWN, NAME], ids=["text", "line"])
@pytest.mark.parametrize("value", INVISIBLE.values(), ids=INVISIBLE)
def test_what_nobody_sees_is_refused(field: StrictString, value: str) -> None:
    assert codes(field, value) == codes(field, value * 50) == ["blank"]
    assert not matches(field, value)


@pytest.mark.parametrize("field", [SHOWN, NAME], ids=["text", "line"])
@pytest.mark.parametrize("value", INVISIBLE_BEYOND.values(), ids=INVISIBLE_BEYOND)
def test_what_nobody_sees_of_other_planes_is_refused(field: StrictString, value: str) -> None:
    assert codes(field, value) == ["blank"]


@pytest.mark.parametrize("code_point", DIRECTION_CONTROLS)
def test_name_turns_no_text_around(code_point: int) -> None:
    name = f"a{chr(code_point)}b"

    assert codes(NAME, name) == ["characters"]
    assert not matches(NAME, name)
    assert SHOWN.deserialize(name) == name
    assert codes(SHOWN, chr(code_point)) == ["blank"]


@pytest.mark.parametrize("code_point", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029])
def test_name_is_one_line_and_text_has_many(code_point: int) -> None:
    name = f"a{chr(code_point)}"

    assert codes(NAME, name) == ["characters"]
    assert not matches(NAME, name)
    if code_point:
        assert SHOWN.deserialize(name) == name
        assert matches(SHOWN, name)
        assert codes(SHOWN, chr(code_point)) == ["blank"]


def test_empty_text_is_only_too_short() -> None:
    assert codes(NAME, "") == codes(SHOWN, "") == ["length"]


def test_long_text_that_nobody_sees_is_judged_at_once() -> None:
    text = "\u200b" * 50_000 + "\0"
    begin = time.process_time()

    assert not matches(SHOWN, text)
    assert codes(VisibleString(max_length=50_000), "\u200b" * 50_000) == ["blank"]
    assert time.process_time() - begin < 1
