"""Texts that are too long or harmful: each gets its answer, none a 500."""

import pytest

from support.answers import assert_invalid, assert_problem
from web.callers import (
    CREATE_POST,
    LOG_IN,
    REGISTER,
    UPDATE_POST,
    UPDATE_USER,
    Caller,
    Field,
    Operation,
    cases,
    each_of,
)


@cases(
    {
        "password": (REGISTER, "password", 8, 128),
        "first-name": (REGISTER, "first_name", 1, 100),
        "last-name": (REGISTER, "last_name", 1, 100),
        "new-first-name": (UPDATE_USER, "first_name", 1, 100),
        "new-last-name": (UPDATE_USER, "last_name", 1, 100),
        "title": (CREATE_POST, "title", 1, 200),
        "content": (CREATE_POST, "content", 1, 50_000),
        "new-title": (UPDATE_POST, "title", 1, 200),
        "new-content": (UPDATE_POST, "content", 1, 50_000),
    }
)
class TestLength:
    """The limits of a text: operation, field, fewest and most characters."""

    Case = tuple[Operation, str, int, int]

    @pytest.mark.parametrize("character", ["x", "😀"])
    def test_longest_is_accepted(self, caller: Caller, case: Case, character: str) -> None:
        operation, field, _, most = case

        assert caller.write(operation, **{field: character * most}).status_code in {200, 201}

    @pytest.mark.parametrize("character", ["x", "😀"])
    def test_longer_is_refused(self, caller: Caller, case: Case, character: str) -> None:
        operation, field, _, most = case
        answer = caller.write(operation, **{field: character * (most + 1)})

        assert_invalid(answer, f"/{field}", "length")

    @pytest.mark.parametrize("character", ["x", "😀"])
    def test_shortest_is_accepted(self, caller: Caller, case: Case, character: str) -> None:
        operation, field, fewest, _ = case

        assert caller.write(operation, **{field: character * fewest}).status_code in {200, 201}

    @pytest.mark.parametrize("character", ["x", "😀"])
    def test_shorter_is_refused(self, caller: Caller, case: Case, character: str) -> None:
        operation, field, fewest, _ = case
        answer = caller.write(operation, **{field: character * (fewest - 1)})

        assert_invalid(answer, f"/{field}", "length")


@pytest.mark.any_database
@pytest.mark.parametrize("length", [1, 512])
def test_password_of_any_length_may_be_tried(caller: Caller, length: int) -> None:
    answer = caller.write(LOG_IN, password="x" * length)

    assert_problem(answer, 401, "invalid-credentials")


@pytest.mark.any_database
@pytest.mark.parametrize("length", [0, 513, 100_000])
def test_password_that_nobody_can_have_is_not_tried(caller: Caller, length: int) -> None:
    assert_invalid(caller.write(LOG_IN, password="x" * length), "/password", "length")


# E-mail addresses and names

DOMAIN = ".".join(["d" * 63, "d" * 63, "d" * 55, "example"])


@cases(
    {
        "plain": "ada@example.com",
        "plus": "ada+news@example.com",
        "upper-case": "ADA@EXAMPLE.COM",
        "longest": f"{'a' * 64}@{DOMAIN[-189:]}",
    }
)
def test_address_is_accepted(caller: Caller, case: str) -> None:
    answer = caller.write(REGISTER, email=case)

    assert answer.status_code == 201
    assert answer.get_json()["email"] == case.lower()


@pytest.mark.any_database
def test_address_past_the_border_is_refused(caller: Caller) -> None:
    address = f"{'a' * 64}@{DOMAIN[-190:]}"

    assert_invalid(caller.write(REGISTER, email=address), "/email", "length")


@pytest.mark.any_database
@each_of(
    {
        "empty": "",
        "no-at": "ada.example.com",
        "no-user": "@example.com",
        "no-domain": "ada@",
        "two-ats": "ada@home@example.com",
        "one-label": "ada@example",
        "double-dot": "ada@example..com",
        "leading-dot": ".ada@example.com",
        "trailing-dot": "ada@example.com.",
        "leading-hyphen": "ada@-example.com",
        "bad-octets": "ada@[999.1.1.1]",
        "leading-blank": " ada@example.com",
        "trailing-blank": "ada@example.com ",
        "trailing-line-break": "ada@example.com\n",
        "header-injection": "ada@example.com\r\nBcc: all@example.com",
        "two-addresses": "ada@example.com,grace@example.com",
        "named": "Ada <ada@example.com>",
        "accent": "adá@example.com",
        "long-s-in-domain": "ada@e\u017fample.com",
        "full-width-domain": "ada@\uff45xample.com",
        "dotless-i": "ada\u0131@example.com",
        "kelvin-sign": "ada\u212a@example.com",
        "long-s": "ada\u017f@example.com",
        "full-width": "ada\uff20example.com",
        "unicode-digit": "ada@\u0661.com",
        "right-to-left": "ada\u202e@example.com",
        "quoted-control-character": '"\x01"@example.com',
        "quoted-escape": '"\\\x1b"@example.com',
        "quoted-delete": '"\x7f"@example.com',
    }
)
@pytest.mark.parametrize("operation", [REGISTER, LOG_IN], ids=["register", "log-in"])
def test_malformed_address_is_refused(caller: Caller, operation: Operation, case: str) -> None:
    assert_invalid(caller.write(operation, email=case), "/email", "email")


@pytest.mark.any_database
@pytest.mark.parametrize("address", ["a@" * 50_000, "a." * 50_000 + "@x", "@" + "a-" * 50_000])
def test_immense_address_is_refused(caller: Caller, address: str) -> None:
    answer = caller.write(REGISTER, email=address)

    assert_invalid(answer, "/email", "length")


@pytest.mark.any_database
@each_of(
    {
        "start": "\x01",
        "tab": "\t",
        "line-feed": "\n",
        "carriage-return": "\r",
        "escape": "\x1b",
        "unit-separator": "\x1f",
        "delete": "\x7f",
        "next-line": "\x85",
        "application-command": "\x9f",
        "line-separator": "\u2028",
        "paragraph-separator": "\u2029",
    }
)
def test_control_character_in_a_name_is_refused(caller: Caller, case: str) -> None:
    answer = caller.write(UPDATE_USER, first_name=f"Ada{case}Lovelace")

    assert_invalid(answer, "/first_name", "characters")


@pytest.mark.any_database
@each_of(
    {
        "first-name": (REGISTER, "first_name"),
        "last-name": (REGISTER, "last_name"),
        "new-last-name": (UPDATE_USER, "last_name"),
        "title": (CREATE_POST, "title"),
        "new-title": (UPDATE_POST, "title"),
    }
)
def test_line_break_on_a_line_is_refused(caller: Caller, case: Field) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: "Ada\n"}), f"/{field}", "characters")


@cases(
    {"accent": "Renée", "apostrophe": "O'Neil", "emoji": "👩‍🔬", "sql": "'; DROP TABLE users; --"}
)
def test_odd_name_is_kept_as_it_is(caller: Caller, case: str) -> None:
    assert caller.write(UPDATE_USER, first_name=case).get_json()["first_name"] == case


@pytest.mark.any_database
@each_of(
    {
        "first-name": (REGISTER, "first_name"),
        "last-name": (REGISTER, "last_name"),
        "new-first-name": (UPDATE_USER, "first_name"),
        "new-last-name": (UPDATE_USER, "last_name"),
        "title": (CREATE_POST, "title"),
        "new-title": (UPDATE_POST, "title"),
    }
)
def test_a_name_can_be_seen_and_turns_nothing_around(caller: Caller, case: Field) -> None:
    operation, field = case

    for blank in ("\u200b", "\u2800", "\u3164", "\u00a0", "\u0301"):
        assert_invalid(caller.write(operation, **{field: blank}), f"/{field}", "blank")
    assert_invalid(caller.write(operation, **{field: "Ada\u202e"}), f"/{field}", "characters")


@pytest.mark.any_database
@each_of({"content": (CREATE_POST, "content"), "new-content": (UPDATE_POST, "content")})
def test_a_text_can_be_seen(caller: Caller, case: Field) -> None:
    operation, field = case

    assert_invalid(caller.write(operation, **{field: "\u200b\n"}), f"/{field}", "blank")
    assert caller.write(operation, **{field: "\u202eAda"}).status_code in {200, 201}


def test_content_may_have_lines(caller: Caller) -> None:
    answer = caller.write(CREATE_POST, content="one\r\n\ttwo\n")

    assert answer.get_json()["content"] == "one\r\n\ttwo\n"
