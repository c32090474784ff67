"""`userapi db search-index`: PostgreSQL finds by trigrams, and tells how common a word is."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from support.applications import engine_of
from support.databases import engine_on, on_postgresql, on_sqlite
from support.plans import plan_of, statements_of
from support.principals import principal_of
from support.roles import roles_on
from userapi.db import pages
from userapi.directory.records import DirectoryQuery, UserSort
from userapi.directory.service import DirectoryService
from userapi.directory.store import NoTrigrams, SearchIndex
from userapi.kit.pagination import Counting, Page, Relation
from userapi.users.records import UserRecord
from userapi.web.services import provided

USERS = 4000
COMMON, RARE = "Lovelace", "Zuse"
"""Names of every second user, and of five."""
PEOPLE = text(
    "INSERT INTO users (email, password_hash, first_name, last_name, is_active, role, version,"
    " created_at, updated_at)"
    " SELECT 'u' || n || '@example.com', '!', 'Ada', CASE WHEN n % 800 = 1 THEN 'Zuse'"
    " WHEN n % 2 = 0 THEN 'Lovelace' ELSE 'Hopper' END, true, 'user', 1,"
    " now() - n * interval '1 minute', now()"
    " FROM generate_series(1, :users) AS n"
)


@pytest.fixture(scope="module")
def crowd(committing_app: Flask) -> Flask:
    """An application whose users are found by trigrams."""
    with engine_of(committing_app).begin() as connection:
        connection.execute(PEOPLE, {"users": USERS})
    result = search_index(committing_app.test_cli_runner())
    assert result == (0, "Searches have their index.\n")
    return committing_app


def search_index(runner: FlaskCliRunner, *options: str) -> tuple[int, str]:
    result = runner.invoke(args=["db", "search-index", *options])
    return result.exit_code, result.output


def searching(word: str, **more: object) -> Callable[[], Page[UserRecord]]:
    query = DirectoryQuery(search=word, **more)  # type: ignore[arg-type] # fields of it
    return lambda: provided(DirectoryService).list(principal_of(7), query)


def found(app: Flask, word: str, **more: object) -> Page[UserRecord]:
    with app.app_context():
        return searching(word, **more)()


@pytest.mark.system
@on_postgresql
@pytest.mark.parametrize("sort", UserSort)
def test_a_rare_word_goes_by_the_index(crowd: Flask, sort: UserSort) -> None:
    plan = plan_of(crowd, searching(RARE, sort=sort), mark="ORDER BY")

    assert "Bitmap Index Scan on ix_users_search" in plan, plan
    page = found(crowd, RARE, sort=sort)
    assert (len(page.items), page.total, page.total_relation) == (5, 5, Relation.EQUAL)


@pytest.mark.system
@on_postgresql
def test_a_common_word_is_estimated_and_found_in_the_lists_order(
    crowd: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_CERTAINLY_COMMON", USERS // 4)

    plan = plan_of(crowd, searching(COMMON), mark="ORDER BY")
    page = found(crowd, COMMON)

    assert "ix_users_active_directory" in plan or "ix_users_directory" in plan, plan
    assert {user.last_name for user in page.items} == {COMMON}
    assert page.total_relation is Relation.ESTIMATE
    assert page.total == pytest.approx(USERS / 2, rel=0.3)
    exact = found(crowd, COMMON, total=Counting.EXACT)
    assert (exact.total, exact.total_relation) == (USERS // 2, Relation.EQUAL)
    assert exact.items == page.items


@pytest.mark.system
@on_postgresql
def test_what_fits_on_a_page_is_not_counted(crowd: Flask) -> None:
    sent = [statement for statement, _ in statements_of(crowd, searching(RARE))]

    assert len(sent) == 1, sent  # and the plan of it


@pytest.mark.system
@on_postgresql
@pytest.mark.parametrize(
    "word", [RARE, COMMON, "u17", "ada hopper", "@example.com", "nobody", "u1%"]
)
def test_the_index_finds_what_is_found_without(crowd: Flask, word: str) -> None:
    totals = {found(crowd, word, total=Counting.EXACT).total}
    with crowd.app_context(), engine_of(crowd).begin() as connection:
        pattern = "%" + word.lower().replace("%", "!%") + "%"
        document = "lower(first_name || ' ' || last_name || chr(10) || email)"
        query = text(f"SELECT count(*) FROM users WHERE {document} || '' LIKE :it ESCAPE '!'")
        totals.add(connection.scalar(query, {"it": pattern}) or 0)

    assert len(totals) == 1


@pytest.mark.system
@on_postgresql
def test_it_is_made_once_and_dropped(crowd: Flask) -> None:
    runner = crowd.test_cli_runner()

    assert search_index(runner) == (0, "It is there already.\n")
    assert search_index(runner, "--drop") == (0, "The index was dropped.\n")
    assert search_index(runner, "--drop") == (0, "There is no such index.\n")
    assert search_index(runner) == (0, "Searches have their index.\n")


@on_sqlite
def test_sqlite_needs_none(app: Flask) -> None:
    code, told = search_index(app.test_cli_runner())

    assert code == 1
    assert told.startswith("Error: SQLite needs no such index")


@on_postgresql
def test_whoever_may_not_add_trigrams_is_told_the_mend(database_url: str) -> None:
    with (
        roles_on(database_url) as roles,
        engine_on(roles.service) as engine,
        pytest.raises(NoTrigrams, match="CREATE EXTENSION pg_trgm"),
    ):
        SearchIndex(engine=engine).create()
