"""The directory's lists use their index, whatever they are sorted and filtered by."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from support.applications import engine_of
from support.databases import on_sqlite
from support.plans import is_sorted_afterwards, plan_of, uses
from support.principals import principal_of
from support.rows import NOON, at_minute
from userapi.directory.records import USER_SORTS, DirectoryQuery, UserFilter, UserSort
from userapi.directory.service import DirectoryService
from userapi.kit.principal import Role
from userapi.users.models import User
from userapi.web.services import provided

INDEXES = {"created_at": "ix_users_directory", "email": "uq_users_email", "name": "ix_users_names"}
FEW = (
    (UserFilter(is_active=False), "ix_users_deactivated"),
    (UserFilter(role=Role.MODERATOR), "ix_users_roles"),
    (UserFilter(email_verified=True), "ix_users_verified"),
    (UserFilter(email_verified=False), "ix_users_unverified"),
    (UserFilter(created_after=NOON, created_before=at_minute(3)), "ix_users_directory"),
)
IN_PART = (
    "Incremental Sort",
    "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY",
    "LAST TERM OF ORDER BY",
)


@pytest.fixture(scope="module")
def crowd(committing_app: Flask) -> Flask:
    """An application with some users, which PostgreSQL's planner knows about."""
    with engine_of(committing_app).begin() as connection:
        connection.execute(insert(User), [person(number) for number in range(1, 301)])
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    return committing_app


def person(number: int) -> dict[str, Any]:
    return {
        "email": f"person{number}@example.com",
        "password_hash": "!",
        "first_name": "Ada",
        "last_name": f"Lovelace {number % 50}",
        "is_active": number % 30 > 0,
        "role": Role.MODERATOR if number % 40 == 0 else Role.USER,
        "email_verified_at": NOON if number % 20 else None,
        "created_at": at_minute(number),
    }


def listing(query: DirectoryQuery) -> Callable[[], object]:
    return lambda: provided(DirectoryService).list(principal_of(7, role=Role.ADMIN), query)


@pytest.mark.parametrize("sort", UserSort)
@pytest.mark.parametrize("is_later", [False, True])
def test_every_order_has_an_index(crowd: Flask, sort: UserSort, *, is_later: bool) -> None:
    query = DirectoryQuery(
        sort=sort, cursor=USER_SORTS.read("A" * 40, sort) if is_later else None, per_page=3
    )

    found = plan_of(crowd, listing(query), mark="ORDER BY")

    assert INDEXES[sort.removeprefix("-")] in found, found
    # No two users have an address: what is left to be sorted is one row at a time.
    assert not is_sorted_afterwards(found) or any(it in found for it in IN_PART), found


@pytest.mark.parametrize(("wanted", "index"), FEW)
def test_few_are_found_by_their_index(crowd: Flask, wanted: UserFilter, index: str) -> None:
    found = plan_of(crowd, listing(DirectoryQuery(filter=wanted)), mark="ORDER BY")

    assert index in found, found


def test_closed_accounts_have_an_index(crowd: Flask) -> None:
    found = plan_of(crowd, listing(DirectoryQuery(deleted=True)), mark="ORDER BY")

    assert uses("ix_users_closed", found), found


@on_sqlite
def test_a_search_goes_by_its_table(crowd: Flask) -> None:
    found = plan_of(crowd, listing(DirectoryQuery(search="lovelace 7")), mark="ORDER BY")

    assert "SCAN user_search VIRTUAL TABLE INDEX" in found, found
    assert "SCAN users\n" not in found, found
