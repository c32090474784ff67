import pytest

from userapi.kit.variables import VariableReader

COLOURS = ("Red", "Green")


def reader(value: str) -> VariableReader:
    return VariableReader({"NAME": value})


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_value_is_no_value(value: str) -> None:
    assert reader(value).text("NAME", "default") == "default"


def test_a_missing_value_is_empty_text() -> None:
    assert VariableReader({}).text("NAME") == ""


def test_blanks_around_a_value_are_left_out() -> None:
    assert reader("  two words\t").text("NAME") == "two words"


@pytest.mark.parametrize(
    ("value", "expected"), [("1", 1), ("10", 10), (" 7 ", 7), ("007", 7), ("", 5)]
)
def test_a_whole_number(value: str, expected: int) -> None:
    variables = reader(value)

    assert variables.integer("NAME", 5, minimum=1, maximum=10) == expected
    assert variables.problems == []


@pytest.mark.parametrize(
    "value",
    ["0", "11", "-1", "+1", "1.0", "1e1", "0x1", "1_0", "one", "٣", "²", "9" * 5000, "1 0"],
)
def test_what_is_no_whole_number_in_range(value: str) -> None:
    variables = reader(value)

    assert variables.integer("NAME", 5, minimum=1, maximum=10) == 5
    assert variables.problems == ["NAME: must be a whole number from 1 to 10"]


def test_a_long_number_is_read_to_its_end() -> None:
    variables = reader("0000000000000000005000")

    assert variables.integer("NAME", 5, minimum=1, maximum=10) == 5
    assert variables.problems == ["NAME: must be a whole number from 1 to 10"]


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "yes", " on "])
def test_what_is_true(value: str) -> None:
    assert reader(value).boolean("NAME", default=False) is True


@pytest.mark.parametrize("value", ["false", "False", "0", "no", "off"])
def test_what_is_false(value: str) -> None:
    assert reader(value).boolean("NAME", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_truth_value_is_the_default(*, default: bool) -> None:
    assert reader("").boolean("NAME", default=default) is default


def test_what_is_neither_true_nor_false() -> None:
    variables = reader("maybe")
    variables.boolean("NAME", default=False)

    assert variables.problems == ["NAME: must be true or false"]


@pytest.mark.parametrize(("value", "expected"), [("green", "Green"), ("RED", "Red"), ("", "Red")])
def test_a_choice_is_returned_as_it_is_listed(value: str, expected: str) -> None:
    assert reader(value).choice("NAME", "Red", COLOURS) == expected


def test_what_is_not_listed() -> None:
    variables = reader("blue")

    assert variables.choice("NAME", "Red", COLOURS) == "Red"
    assert variables.problems == ["NAME: must be one of Red, Green"]


def test_every_problem_is_remembered() -> None:
    variables = VariableReader({"A": "x", "B": "y"})
    variables.integer("A", 1, minimum=1, maximum=2)
    variables.boolean("B", default=True)
    variables.complain("C", "must be set")

    assert variables.problems == [
        "A: must be a whole number from 1 to 2",
        "B: must be true or false",
        "C: must be set",
    ]
