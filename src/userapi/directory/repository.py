"""Which users are listed: those that all criteria hold for, and whom a search finds.

A search looks for its text in one document for each user, the names and the address. What finds it
there is an index of trigrams: on PostgreSQL one that the operator makes (`directory/store.py`), on
SQLite a table that triggers keep. Where it is missing, the documents are read.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    case,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)

from userapi.db.id_lists import rows_of_ids
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.rows import AnySelect
from userapi.directory.documents import (
    POSTGRESQL_DOCUMENT,
    SEARCH_INDEX,
    SEARCH_TABLE,
    SQLITE_DOCUMENT,
)
from userapi.directory.records import DirectoryQuery, RankedUser, UserFilter
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

_USER_ID = column("rowid", Integer())
_TRIGRAMS = table(SEARCH_TABLE, _USER_ID)
_IS_INDEXED: dict[str, AnySelect] = {
    "postgresql": select(literal_column("1"))
    .select_from(table("pg_index"))
    .where(text("indexrelid = to_regclass(:name) AND indisvalid").bindparams(name=SEARCH_INDEX)),
    "sqlite": select(literal_column("1"))
    .select_from(table("sqlite_master"))
    .where(column("name", String()) == SEARCH_TABLE),
}


class DirectoryRepository(PagedRepository):
    """Users who are listed: living ones, or those whose accounts are closed and not erased."""

    _was_indexed = False

    def list(self, query: DirectoryQuery) -> Page[UserRecord]:
        """Return the page that is wanted; raise `InvalidInput` for one too deep."""
        rows = (_CLOSED if query.deleted else _LIVING).where(*conditions_of(query.filter))
        if query.search is None:
            return self._page(rows, query, sort=query.order, record=UserRecord)
        # What is planned for one word does not fit another.
        found = rows.where(self._has(query.search)).execution_options(is_prepared=False)
        is_planned_well = self._dialect == "postgresql" and self._is_indexed()
        page_of = self._found_page if is_planned_well else self._page
        if not query.is_ranked:
            return page_of(found, query, sort=query.order, record=UserRecord)
        ranked = found.add_columns(_rank(query, query.search).label("rank"))
        page = page_of(ranked, query, sort=query.order, record=RankedUser)
        return cast("Page[UserRecord]", page)

    def _has(self, search: str) -> ColumnElement[bool]:
        """Return whether the text is in a user's document, whatever its case."""
        if self._dialect == "sqlite" and self._is_indexed():
            phrase = '"' + search.replace('"', '""') + '"'
            found = select(_USER_ID).select_from(_TRIGRAMS)
            matches = column(SEARCH_TABLE, String()).op("MATCH", is_comparison=True)(phrase)
            return User.id.in_(found.where(matches))
        pattern = f"%{_escaped(search)}%"
        return _DOCUMENTS[self._dialect].like(func.lower(pattern), escape=_ESCAPE)

    def _is_indexed(self) -> bool:
        """Say whether the documents have an index; once there is one, it is not asked again."""
        if not self._was_indexed:
            self._was_indexed = self._row(_IS_INDEXED[self._dialect]) is not None
        return self._was_indexed

    @cached_property
    def _dialect(self) -> str:
        return str(self._db.get_bind().dialect.name)


def conditions_of(wanted: UserFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold for a user who is meant."""
    if wanted.ids is not None:
        yield User.id.in_(rows_of_ids(wanted.ids))
    if wanted.role is not None:
        yield from _has_role(wanted.role)
    if wanted.is_active is not None:
        yield _is_active() if wanted.is_active else ~_is_active()
    if wanted.email_verified is not None:
        verified = User.email_verified_at
        yield verified.is_not(None) if wanted.email_verified else verified.is_(None)
    if wanted.created_after is not None:
        yield User.created_at >= wanted.created_after
    if wanted.created_before is not None:
        yield User.created_at < wanted.created_before


def _has_role(role: Role) -> Iterator[ColumnElement[bool]]:
    # Written out, not bound: the index of those who are no mere users is found by these very words.
    yield User.role == literal(role, literal_execute=True)
    if role is not Role.USER:
        yield User.role != literal(Role.USER, literal_execute=True)


def _is_active() -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", User.is_active)


def _rank(query: DirectoryQuery, search: str) -> ColumnElement[int]:
    """Return a number by which whoever has that very address comes first."""
    first, others = (1, 0) if query.order.is_descending else (0, 1)
    has_it = func.lower(User.email) == func.lower(search)
    return case((has_it, literal(first, BigInteger())), else_=literal(others, BigInteger()))


def _escaped(search: str) -> str:
    """Return the text without anything that stands for other text."""
    for special in (_ESCAPE, "%", "_"):
        search = search.replace(special, _ESCAPE + special)
    return search
