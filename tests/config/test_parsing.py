"""How texts are read as values, and what is said of those that cannot be."""

from datetime import timedelta
from pathlib import Path

import pytest

from userapi.config.parsing import as_boolean, as_choice, as_duration, as_folder, as_integer

COLOURS = ("Red", "Green")
ONE_TO_TEN = as_integer(1, 10)


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("10", 10), ("007", 7)])
def test_a_whole_number(text: str, expected: int) -> None:
    assert ONE_TO_TEN(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("0", "11", "-1", "+1", "1.0", "1e1", "0x1", "1_0", "one", "٣", "²", "9" * 5000, "1 0"),
        "0000000000000000005000",
    ],
)
def test_what_is_no_whole_number_in_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a whole number from 1 to 10$"):
        ONE_TO_TEN(text)


def test_a_duration_counts_units() -> None:
    assert as_duration("days", 1, 30)("30") == timedelta(days=30)


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "yes", "on"])
def test_what_is_true(text: str) -> None:
    assert as_boolean(text) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_what_is_false(text: str) -> None:
    assert as_boolean(text) is False


def test_what_is_neither_true_nor_false() -> None:
    with pytest.raises(ValueError, match=r"^must be true or false$"):
        as_boolean("maybe")


@pytest.mark.parametrize(("text", "expected"), [("green", "Green"), ("RED", "Red")])
def test_a_choice_is_returned_as_it_is_listed(text: str, expected: str) -> None:
    assert as_choice(COLOURS)(text) == expected


def test_what_is_not_listed() -> None:
    with pytest.raises(ValueError, match=r"^must be one of Red, Green$"):
        as_choice(COLOURS)("blue")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(ValueError, match=r"^must be a folder that exists$"):
        as_folder(str(file))
