"""Which users are listed: those that all criteria hold for, and whom a search finds.

A search looks for its text in one document for each user, the names and the address. What finds it
there is an index of trigrams: on PostgreSQL one that the operator makes (`directory/store.py`), on
SQLite a table that triggers keep. Where it is missing, the documents are read.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    bindparam,
    case,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)

from userapi.db.id_lists import id_list, rows_of_id_list
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.rows import AnySelect
from userapi.directory.documents import (
    POSTGRESQL_DOCUMENT,
    SEARCH_INDEX,
    SEARCH_TABLE,
    SQLITE_DOCUMENT,
)
from userapi.directory.records import Criteria, DirectoryQuery, RankedUser, UserFilter
from userapi.kit.pagination import Page
from userapi.kit.principal import Role
from userapi.users.models import User
from userapi.users.records import UserRecord

_USERS = select(*columns_of(User, UserRecord))
_LIVING = _USERS.where(User.deleted_at.is_(None))
_CLOSED = _USERS.where(User.deleted_at.is_not(None), User.erased_at.is_(None))
_DOCUMENTS = {
    "postgresql": literal_column(POSTGRESQL_DOCUMENT, String()),
    "sqlite": literal_column(SQLITE_DOCUMENT, String()),
}
_ESCAPE = "!"
_KEPT = 256
"""How many combinations of criteria have their statements kept."""

_TRIGRAMS = table(SEARCH_TABLE, column("rowid", Integer()))
_IS_INDEXED: dict[str, AnySelect] = {
    "postgresql": select(literal_column("1"))
    .select_from(table("pg_index"))
    .where(text("indexrelid = to_regclass(:name) AND indisvalid").bindparams(name=SEARCH_INDEX)),
    "sqlite": select(literal_column("1"))
    .select_from(table("sqlite_master"))
    .where(column("name", String()) == SEARCH_TABLE),
}


class _Search(StrEnum):
    """How users are found by a part of their documents."""

    TABLE = "table"
    INDEX = "index"
    READING = "reading"


class DirectoryRepository(PagedRepository):
    """Users who are listed: living ones, or those whose accounts are closed and not erased."""

    _was_indexed = False

    def list(self, query: DirectoryQuery) -> Page[UserRecord]:
        """Return the page that is wanted; raise `InvalidInput` for one too deep."""
        rows = _listed(query.filter.criteria, is_closed=query.deleted)
        values = values_of(query.filter)
        if query.search is None:
            return self._page(rows, query, sort=query.order, record=UserRecord, **values)
        search = self._search()
        values |= _sought(query.search, search)
        found = _found(rows, search, self._dialect)
        page_of = self._found_page if search is _Search.INDEX else self._page
        if query.is_ranked and self._has_first(rows, query):
            ranked, values["sought_email"] = _ranked(found, query.ranks), query.search
            page = page_of(ranked, query, sort=query.order, record=RankedUser, **values)
            return cast("Page[UserRecord]", page)
        unranked = query.unranked
        return query.with_ranks(
            page_of(found, unranked, sort=unranked.order, record=UserRecord, **values)
        )

    def _has_first(self, rows: AnySelect, query: DirectoryQuery) -> bool:
        """Say whether somebody may come first: to rank, all that are found have to be read."""
        if query.deleted or query.is_at_first:  # closed accounts have no index of addresses
            return True
        values = values_of(query.filter) | {"sought_email": query.search}
        return self._row(_holders(rows), **values) is not None

    def _search(self) -> _Search:
        if not self._is_indexed():
            return _Search.READING
        return _Search.INDEX if self._dialect == "postgresql" else _Search.TABLE

    def _is_indexed(self) -> bool:
        """Say whether the documents have an index; once there is one, it is not asked again."""
        if not self._was_indexed:
            self._was_indexed = self._row(_IS_INDEXED[self._dialect]) is not None
        return self._was_indexed

    @property
    def _dialect(self) -> str:
        return self._scoped_session.dialect_name


def values_of(wanted: UserFilter) -> dict[str, Any]:
    """Return what `conditions_of` leaves open."""
    ids = None if wanted.ids is None else id_list(wanted.ids)
    values = {
        "ids": ids,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in values.items() if value is not None}


def conditions_of(criteria: Criteria) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold for a user who is meant."""
    if criteria.has_ids:
        yield User.id.in_(rows_of_id_list(bindparam("ids", type_=String())))
    if criteria.role is not None:
        yield from _has_role(criteria.role)
    if criteria.is_active is not None:
        yield _is_active() if criteria.is_active else ~_is_active()
    if criteria.email_verified is not None:
        verified = User.email_verified_at
        yield verified.is_not(None) if criteria.email_verified else verified.is_(None)
    if criteria.has_beginning:
        yield User.created_at >= bindparam("created_after")
    if criteria.has_end:
        yield User.created_at < bindparam("created_before")


def _has_role(role: Role) -> Iterator[ColumnElement[bool]]:
    # Written out, not bound: the index of those who are no mere users is found by these very words.
    yield User.role == literal(role, literal_execute=True)
    if role is not Role.USER:
        yield User.role != literal(Role.USER, literal_execute=True)


def _is_active() -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", User.is_active)


@lru_cache(_KEPT)
def _listed(criteria: Criteria, *, is_closed: bool) -> AnySelect:
    return (_CLOSED if is_closed else _LIVING).where(*conditions_of(criteria))


@lru_cache(_KEPT)
def _found(rows: AnySelect, search: _Search, dialect: str) -> AnySelect:
    """Return those of the rows in whose documents a text is, whatever its case.

    What is planned for one word does not fit another.
    """
    sought = bindparam("sought", type_=String())
    if search is _Search.TABLE:
        matches = column(SEARCH_TABLE, String()).op("MATCH", is_comparison=True)(sought)
        found = User.id.in_(select(_TRIGRAMS.c.rowid).where(matches))
    else:
        found = _DOCUMENTS[dialect].like(func.lower(sought), escape=_ESCAPE)
    return rows.where(found).execution_options(is_prepared=False)


@lru_cache(_KEPT)
def _holders(rows: AnySelect) -> AnySelect:
    """Return the one of the rows, if any, that has an address."""
    return rows.where(_has_address()).with_only_columns(User.id)


@lru_cache(_KEPT)
def _ranked(rows: AnySelect, ranks: tuple[int, int]) -> AnySelect:
    """Return the rows with a number by which whoever has an address comes first."""
    first, others = (literal(rank, BigInteger()) for rank in ranks)
    return rows.add_columns(case((_has_address(), first), else_=others).label("rank"))


def _has_address() -> ColumnElement[bool]:
    return func.lower(User.email) == func.lower(bindparam("sought_email", type_=String()))


def _sought(search: str, way: _Search) -> dict[str, str]:
    """Return what is looked for, without anything that stands for other text."""
    if way is _Search.TABLE:
        return {"sought": '"' + search.replace('"', '""') + '"'}
    for special in (_ESCAPE, "%", "_"):
        search = search.replace(special, _ESCAPE + special)
    return {"sought": f"%{search}%"}
