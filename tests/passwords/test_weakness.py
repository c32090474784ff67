"""What makes a password easy to guess."""

import time

import pytest

from userapi.passwords.common import is_common
from userapi.passwords.weakness import PasswordRules, Person, Weakness, repeated_unit

ADA = Person(email="ada.lovelace@bigcorp.example", first_name="Ada", last_name="Lovelace")
RULES = PasswordRules(min_length=8, product="userapi", is_common=is_common)
LONGEST = 128


def weakness(password: str, person: Person = ADA) -> Weakness | None:
    return RULES.find_weakness(password, person)


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "12345678",
        "qwertyuiop",
        "password123",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44",  # in full-width letters
        "passwordpassword",
    ],
)
def test_a_common_password_is_refused_however_it_is_written(password: str) -> None:
    assert weakness(password) is Weakness.COMMON


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaa", "a   a   a   ", "abcabcabc", "abcabcab", "AbcaBcabC", "\u00e9" * 12],
)
def test_a_repetition_of_a_few_characters_is_refused(password: str) -> None:
    assert weakness(password) is Weakness.REPEATED


def test_what_repeats_something_long_is_taken() -> None:
    assert weakness("horse battery horse battery ") is None


@pytest.mark.parametrize("password", [" " * 8, "\t\n " * 5, "\u200b\u00ad\u3000" * 4, "\u2800" * 9])
def test_blanks_are_refused(password: str) -> None:
    assert weakness(password) is Weakness.BLANK


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@bigcorp.example",
        "ada.lovelace",
        "AdaLovelace1",
        "lovelace1815",
        "1815Lovelace",
        "bigcorp2026",
        "BigCorp-Lovelace-42",
        "Ada Lovelace!",
        "lovelace!bigcorp?",
        "userapi99",
        "UserApi-UserApi-1",
    ],
)
def test_what_is_made_of_address_name_or_product_is_refused(password: str) -> None:
    assert weakness(password) is Weakness.PERSONAL


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "lovelace walks along the canal",
        "the userapi of my dreams",
        "adagio in g minor",
        "q9#vT!x2",
        "\u043a\u043e\u0448\u043a\u0430 \u043d\u0430 \u043e\u043a\u043d\u0435",
    ],
)
def test_other_passwords_are_taken_and_names_within_long_ones_too(password: str) -> None:
    assert weakness(password) is None


def test_short_words_do_not_count() -> None:
    person = Person(email="al@io.example", first_name="Al", last_name="Ito")

    assert weakness("al-ito-7x", person) is None


def test_nobody_needs_a_name() -> None:
    assert weakness("q9#vT!x2", Person(email="x@y")) is None


def test_composed_characters_count_once() -> None:
    assert weakness("\u00e9clair!"[:7]) is Weakness.TOO_SHORT


def test_only_the_length_counts_where_the_rest_is_switched_off() -> None:
    rules = PasswordRules(
        min_length=15, refuses_guessable=False, product="userapi", is_common=is_common
    )

    assert rules.find_weakness("a" * 15, ADA) is None
    assert rules.find_weakness("a" * 14, ADA) is Weakness.TOO_SHORT


@pytest.mark.parametrize(
    ("text", "unit"), [("abcabca", "abc"), ("abcdef", "abcdef"), ("aa", "a"), ("a", "a"), ("", "")]
)
def test_the_unit_of_a_repetition_is_the_shortest(text: str, unit: str) -> None:
    assert repeated_unit(text) == unit


@pytest.mark.parametrize(
    "password",
    [
        "\ufdfa" * LONGEST,  # 18 times as long in its comparable form
        "ab" * 63 + "ba",
        "\u0344\u0345" * 64,
        "a" * (LONGEST - 1) + "b",
    ],
    ids=["expanding", "nearly-repeated", "marks", "nearly-one-letter"],
)
def test_no_password_takes_long_to_compare(password: str) -> None:
    person = Person(email=f"{'a.b-' * 15}@{'c.' * 90}example", first_name="ab " * 33)
    weakness(password)  # the list is read
    begun = time.process_time()

    weakness(password, person)

    assert time.process_time() - begun < 0.05
