"""S32: a field or filter that nobody thought of sets or finds what is nobody's business.

As in CVE-2022-31177.
"""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from contract.declared import CALLS, named
from contract.operations import Operation
from security.walking import Walker, example_of, fields_of, query_of
from userapi.features import metadata
from userapi.testing.contract import Kind

pytestmark = pytest.mark.any_database

COLUMNS = {column.name for table in metadata.sorted_tables for column in table.columns}
"""The name of every column that there is."""
SORTING = {"sort", "sort_by", "order", "order_by", "filter", "fields", "include", "select", "q"}
SETTABLE = {name: COLUMNS & call.sets() for name, call in CALLS.items() if call.body is not None}
"""Which columns each operation's body may name; all others are refused."""
LISTS = (*named(Kind.LIST), "export_users")
"""The operations that take parameters."""


AT_ONCE = 40
"""How many names are tried with one request: an answer tells of no more than fifty mistakes."""


def taken(names: set[str], place: str, send: Callable[[list[str]], TestResponse]) -> set[str]:
    """Return which names are not refused as unknown; `send` makes a request with some of them."""
    ordered = sorted(names)
    answers = [send(ordered[at : at + AT_ONCE]) for at in range(0, len(ordered), AT_ONCE)]
    errors = [error for answer in answers for error in answer.get_json().get("errors", [])]
    return names - {it[place].removeprefix("/") for it in errors if it["code"] == "unknown"}


def test_s32_exactly_these_columns_can_be_set(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    settable = {
        it.name: COLUMNS & fields_of(it, document).keys()
        for it in operations
        if fields_of(it, document)
    }

    assert settable == SETTABLE, "edit schemas.py, or `also_sets` in contract.py of its tests"


@pytest.mark.parametrize("name", SETTABLE)
def test_s32_every_other_column_is_refused_by_name(
    document: dict[str, Any], walker: Walker, operations: list[Operation], name: str
) -> None:
    (operation,) = (it for it in operations if it.name == name)
    others = COLUMNS - fields_of(operation, document).keys()

    def send(names: list[str]) -> TestResponse:
        return walker.call(operation, json=example_of(operation) | dict.fromkeys(names, 1))

    assert others
    assert taken(others, "pointer", send) == set()


@pytest.mark.parametrize("name", LISTS)
def test_s32_no_list_is_filtered_or_sorted_by_a_column_it_does_not_name(
    walker: Walker, operations: list[Operation], name: str
) -> None:
    (operation,) = (it for it in operations if it.name == name)
    others = (COLUMNS | SORTING) - set(query_of(operation))

    def send(names: list[str]) -> TestResponse:
        return walker.call(operation, query_string=dict.fromkeys(names, "password_hash"))

    assert taken(others, "parameter", send) == set()


def test_s32_no_other_operation_takes_parameters(operations: list[Operation]) -> None:
    assert {it.name for it in operations if query_of(it)} == {*LISTS, "get_stats", "upload_import"}
