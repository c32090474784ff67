"""S32: a field or filter that nobody thought of sets or finds what is nobody's business.

As in CVE-2022-31177.
"""

from typing import Any

from werkzeug.test import TestResponse

from contract.operations import Operation
from security.walking import Walker, example_of, fields_of, query_of
from userapi.registry import metadata

COLUMNS = {column.name for table in metadata.sorted_tables for column in table.columns}
"""The name of every column that there is."""
SORTING = {"sort", "sort_by", "order", "order_by", "filter", "fields", "include", "select", "q"}
SETTABLE = {
    "login": {"email"},
    "register": {"email", "first_name", "last_name"},
    "update_user": {"first_name", "last_name", "is_active"},
    "create_post": {"title", "content"},
    "update_post": {"title", "content"},
}
"""Which columns each operation's body may name; all others are refused."""


def refused(answer: TestResponse, place: str) -> set[str]:
    """Return which fields or parameters the answer refuses as unknown."""
    errors = answer.get_json().get("errors", [])
    return {it[place].removeprefix("/") for it in errors if it["code"] == "unknown"}


def test_s32_exactly_these_columns_can_be_set(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    settable = {
        it.name: COLUMNS & fields_of(it, document).keys()
        for it in operations
        if fields_of(it, document)
    }

    assert settable == SETTABLE


def test_s32_every_other_column_is_refused_by_name(
    document: dict[str, Any], walker: Walker, operations: list[Operation]
) -> None:
    taken = {}
    for operation in operations:
        if example_of(operation) is not None:
            others = COLUMNS - fields_of(operation, document).keys()
            body = example_of(operation) | dict.fromkeys(others, 1)
            taken[operation.name] = others - refused(walker.call(operation, json=body), "pointer")

    assert [name for name, others in taken.items() if others] == []
    assert taken.keys() == SETTABLE.keys()


def test_s32_no_list_is_filtered_or_sorted_by_a_column_it_does_not_name(
    walker: Walker, operations: list[Operation]
) -> None:
    taken = {}
    for operation in operations:
        if query_of(operation):
            others = (COLUMNS | SORTING) - set(query_of(operation))
            answer = walker.call(operation, query_string=dict.fromkeys(others, "password_hash"))
            taken[operation.name] = others - refused(answer, "parameter")

    assert {"list_users", "list_posts"} <= taken.keys()
    assert [name for name, others in taken.items() if others] == []
