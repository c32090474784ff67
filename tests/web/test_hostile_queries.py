"""Query strings that are wrong: each gets its answer, none a 500."""

import pytest
from flask.testing import FlaskClient

from support.accounts import REGISTRATION, Account, open_login
from support.answers import assert_invalid, assert_problem
from support.paths import LIVE, LOGOUT, ME, READY, REFRESH, USERS
from web.callers import LISTS, POST, PROFILE, REGISTER, WRITING, Body, Caller, cases, each_of

pytestmark = pytest.mark.any_database

NO_PAGES = {
    "zero": ("0", "range"),
    "negative": ("-1", "range"),
    "minus-zero": ("-0", "range"),
    "past-the-end": ("1000001", "range"),
    "2-to-31": (str(2**31), "range"),
    "2-to-63": (str(2**63), "range"),
    "2-to-64": (str(2**64), "range"),
    "10-to-30": (str(10**30), "range"),
    "minus-10-to-30": (str(-(10**30)), "range"),
    "5000-digits": ("9" * 5000, "type"),
    "empty": ("", "type"),
    "minus": ("-", "type"),
    "float": ("1.0", "type"),
    "exponent": ("1e3", "type"),
    "hexadecimal": ("0x1", "type"),
    "plus": ("%2B1", "type"),
    "blank-first": ("%201", "type"),
    "blank-last": ("1%20", "type"),
    "plus-for-blank": ("+1", "type"),
    "line-break": ("1%0A", "type"),
    "underscore": ("1_000", "type"),
    "comma": ("1,000", "type"),
    "arabic-digit": ("%D9%A1", "type"),
    "full-width-digit": ("%EF%BC%91", "type"),
    "superscript": ("%C2%B2", "type"),
    "nul": ("1%00", "type"),
    "invalid-utf-8": ("%FF", "type"),
    "surrogate": ("%ED%A0%80", "type"),
    "byte-order-mark": ("%EF%BB%BF1", "type"),
    "half-escape": ("%", "type"),
    "word": ("one", "type"),
    "null": ("null", "type"),
    "nan": ("NaN", "type"),
    "infinity": ("Infinity", "type"),
    "sql": ("1;DROP TABLE users", "type"),
}


@pytest.mark.parametrize("name", ["page", "per_page"])
@each_of(NO_PAGES)
def test_what_is_no_page_is_refused(caller: Caller, name: str, case: tuple[str, str]) -> None:
    value, code = case

    assert_invalid(caller.send("GET", USERS, query_string=f"{name}={value}"), name, code)


@pytest.mark.parametrize("path", LISTS)
def test_immense_page_is_refused(caller: Caller, path: str) -> None:
    assert_invalid(caller.send("GET", path, query_string=f"page={10**30}"), "page", "range")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["page=1000000&per_page=100", "per_page=1", "&&", "page=1&"])
def test_page_at_the_border_is_accepted(caller: Caller, path: str, query: str) -> None:
    assert caller.send("GET", path, query_string=query).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_page_past_the_border_is_refused(caller: Caller, path: str) -> None:
    assert_invalid(caller.send("GET", path, query_string="per_page=101"), "per_page", "range")


@pytest.mark.parametrize("value", ["", "1", "True", "TRUE", "yes", "null", "true%00", "%FF"])
def test_what_is_no_truth_is_refused(caller: Caller, value: str) -> None:
    answer = caller.send("GET", USERS, query_string=f"active_only={value}")

    assert_invalid(answer, "active_only", "type")


@each_of(
    {
        "case": ("Page=1", "Page"),
        "array": ("page[]=1", "page[]"),
        "nul": ("%00=1", "�"),
        "nul-in-name": ("page%00=1", "page�"),
        "line-break": ("a%0Ab=1", "a�b"),
        "of-the-library": ("_schema=1", "_schema"),
        "long": ("x" * 100_000 + "=1", "x" * 100 + "…"),
    }
)
def test_odd_parameter_is_refused(caller: Caller, case: tuple[str, str]) -> None:
    query, name = case

    assert_invalid(caller.send("GET", USERS, query_string=query), name, "unknown")


@pytest.mark.parametrize("path", LISTS)
def test_unknown_parameter_is_refused(caller: Caller, path: str) -> None:
    assert_invalid(caller.send("GET", path, query_string="color=red"), "color", "unknown")


@pytest.mark.parametrize("query", ["%FF=1", "%ED%A0%80=1", "=1", "="])
def test_unreadable_parameter_is_refused(caller: Caller, query: str) -> None:
    document = assert_problem(caller.send("GET", USERS, query_string=query), 400, "invalid-input")

    assert [error["code"] for error in document["errors"]] == ["unknown"]


@each_of(
    {
        "different": ("page=1&page=2", "page"),
        "same": ("page=1&page=1", "page"),
        "apart": ("page=1&per_page=1&page=1", "page"),
        "escaped": ("page=1&%70age=1", "page"),
        "unknown": ("color=1&color=2", "color"),
        "nul": ("%00&%00", "�"),
    }
)
def test_repeated_parameter_is_refused(caller: Caller, case: tuple[str, str]) -> None:
    query, name = case

    assert_invalid(caller.send("GET", USERS, query_string=query), name, "repeated")


@pytest.mark.parametrize("path", LISTS)
def test_repeated_page_is_refused_everywhere(caller: Caller, path: str) -> None:
    assert_invalid(caller.send("GET", path, query_string="page=1&page=1"), "page", "repeated")


def test_each_repeated_parameter_is_named(caller: Caller) -> None:
    answer = caller.send("GET", USERS, query_string="page=1&page=1&per_page=1&per_page=1")

    errors = assert_problem(answer, 400, "invalid-input")["errors"]
    assert {error["parameter"] for error in errors} == {"page", "per_page"}


@cases({"different": "field{}=1", "repeated": "field{0}=1&field{0}=2"})
@pytest.mark.parametrize("path", [USERS, ME])
def test_thousands_of_parameters_get_a_short_answer(caller: Caller, path: str, case: str) -> None:
    query = "&".join(case.format(number) for number in range(2_000))

    answer = caller.send("GET", path, query_string=query)

    assert len(assert_problem(answer, 400, "invalid-input")["errors"]) == 50


WITHOUT_PARAMETERS = WRITING | {
    "me": ("GET", ME, None),
    "get-user": ("GET", PROFILE, None),
    "delete-user": ("DELETE", PROFILE, None),
    "logout": ("POST", LOGOUT, None),
    "get-post": ("GET", POST, None),
    "delete-post": ("DELETE", POST, None),
    "live": ("GET", LIVE, None),
    "ready": ("GET", READY, None),
}


@each_of(WITHOUT_PARAMETERS)
@pytest.mark.parametrize("query", ["color=red", "color", "color=1&color=2"])
def test_operation_without_parameters_refuses_any(
    caller: Caller, case: tuple[str, str, Body | None], query: str
) -> None:
    method, path, body = case

    answer = caller.send(method, path, json=body, query_string=query)

    assert_invalid(answer, "color", "unknown")


def test_refresh_refuses_any_parameter(client: FlaskClient, user: Account) -> None:
    answer = client.post(f"{REFRESH}?color=red", headers=open_login(client, user).refresh)

    assert_invalid(answer, "color", "unknown")


def test_refused_logout_does_not_log_out(caller: Caller) -> None:
    caller.send("POST", LOGOUT, query_string="color=red")

    assert caller.send("GET", ME).status_code == 200


def test_refused_registration_registers_nobody(caller: Caller) -> None:
    caller.send("POST", USERS, query_string="color=red", json=REGISTRATION)

    assert caller.write(REGISTER).status_code == 201
