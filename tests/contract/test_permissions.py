"""The permission matrix in docs/permissions.md is that of the code."""

from typing import Any

import pytest

from contract.edits import edited
from contract.operations import operations_of
from permissions.table import permits_in, with_table
from permissions.writing import PAGE

DELETE_POST = ("paths", "/api/v1/posts/{post_id}", "delete")


def row_of(page: str, name: str) -> list[str]:
    """Return the cells of an operation's row: the token, then who may."""
    return cells_of(page, name)[3:]


def cells_of(page: str, name: str) -> list[str]:
    """Return all cells of an operation's row."""
    (row,) = [line for line in page.splitlines() if f"| `{name}` |" in line]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_table_is_that_of_the_code(document: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_table(page, document), "docs/permissions.md is stale: run make openapi"


def test_every_operation_has_a_row(document: dict[str, Any]) -> None:
    named = [permit.name for permit in permits_in(document)]

    assert sorted(named) == sorted(operation.name for operation in operations_of(document))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("register", ["none", "yes", "yes", "yes", "yes"]),
        ("refresh", ["refresh", "yes", "yes", "yes", "yes"]),
        ("logout", ["access or refresh", "yes", "yes", "yes", "yes"]),
        ("get_user", ["access", "yes", "yes", "yes", "yes"]),
        ("update_user", ["access", "no", "yes", "no", "yes"]),
        ("delete_user", ["access", "no", "no", "no", "yes"]),
        ("set_user_role", ["access", "no", "no", "no", "yes"]),
        ("delete_post", ["access", "no", "yes", "yes", "yes"]),
    ],
)
def test_a_row_tells_who_may(name: str, cells: list[str]) -> None:
    assert row_of(PAGE.read_text(encoding="utf-8"), name) == cells


def test_a_row_tells_what_the_operation_does() -> None:
    cells = cells_of(PAGE.read_text(encoding="utf-8"), "delete_post")

    assert cells[:3] == ["`DELETE /posts/{post_id}`", "`delete_post`", "Delete a post"]


def test_another_role_makes_another_row(document: dict[str, Any]) -> None:
    stricter = edited(document, {(*DELETE_POST, "x-required-role"): "admin"})

    page = with_table(PAGE.read_text(encoding="utf-8"), stricter)

    assert row_of(page, "delete_post") == ["access", "no", "yes", "no", "yes"]


def test_operations_without_a_token_ask_for_no_role(document: dict[str, Any]) -> None:
    odd = [
        it.name
        for it in operations_of(document)
        if ("x-required-role" in it.facts) != bool(it.facts["security"])
    ]

    assert odd == []


def test_an_operation_that_asks_for_more_than_a_user_may_refuse(document: dict[str, Any]) -> None:
    silent = [
        it.name
        for it in operations_of(document)
        if it.facts.get("x-required-role", "user") != "user" and "403" not in it.facts["responses"]
    ]

    assert silent == []
