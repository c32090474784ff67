"""The list of common passwords that comes with the package."""

import gzip
from importlib.resources import files

import pytest

from userapi.passwords.common import is_common


@pytest.fixture(scope="module")
def listed() -> list[str]:
    content = files("userapi.passwords").joinpath("common_passwords.txt.gz").read_bytes()
    return gzip.decompress(content).decode("utf-8").splitlines()


def test_at_least_three_thousand_could_be_chosen(listed: list[str]) -> None:
    assert len(listed) == len(set(listed)) > 16_000


def test_they_are_written_as_they_are_compared(listed: list[str]) -> None:
    assert [one for one in listed if one != one.casefold() or len(one) < 8] == []


def test_the_first_and_the_last_are_common(listed: list[str]) -> None:
    assert is_common(listed[0])
    assert is_common(listed[-1])
    assert not is_common("")


def test_the_licences_of_both_lists_come_with_it() -> None:
    licences = files("userapi.passwords").joinpath("common_passwords.LICENSE.txt").read_text()

    assert "Django Software Foundation" in licences
    assert "Daniel Wolf" in licences
