"""The rows of users, many at once: in for imports, out for exports."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import String, Table, func, or_, select, text, update, values
from sqlalchemy import column as sql_column
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from userapi.db.base import BigIntegerKey
from userapi.db.bulk import copied_rows, insert_rows, is_postgresql, one_of
from userapi.db.constraints import violated_constraint
from userapi.imports.records import FIELDS, UserRow
from userapi.imports.validation import NO_HASH
from userapi.imports.writing import Texts
from userapi.kit.clock import timestamp
from userapi.users.models import User

_USERS = cast("Table", User.__table__)
_FETCHED_AT_ONCE = 1000
_UPDATED_AT_ONCE = 1000
_ALREADY_THERE = {"uq_users_email", "pk_users"}
_NO_SYNC = {"synchronize_session": False}
_AS_TEXT = """to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_TIMES = ("email_verified_at", "email_set_at", "created_at", "updated_at")


class AlreadyThere(Exception):
    """Somebody else has just taken an address or an id: look again."""


class RowsRefused(Exception):
    """The database takes one of the rows no more than before, however often it comes."""


class UserRows:
    """The users that are not deleted, many at a time."""

    def __init__(self, *, db: Callable[[], Session]) -> None:
        self._scoped_session = db

    @property
    def _db(self) -> Session:
        return self._scoped_session()

    def holders(self, emails: Sequence[str]) -> dict[str, int]:
        """Return who has which of these canonical addresses."""
        address = func.lower(User.email, type_=String())
        query = select(address, User.id).where(
            one_of(self._db, address, emails), User.deleted_at.is_(None)
        )
        return {row[0]: row.id for row in self._db.execute(query)}

    def taken_ids(self, ids: Sequence[int]) -> set[int]:
        """Return which of these ids were given to somebody, deleted or not."""
        highest = self._db.scalar(select(func.max(User.id))) if ids else None
        possible = [user_id for user_id in ids if user_id <= (highest or 0)]
        if not possible:
            return set()
        given = select(User.id).where(one_of(self._db, _USERS.c.id, possible))
        return set(self._db.scalars(given))

    def lock_table(self) -> None:
        """Let nobody else insert until the transaction ends.

        Whoever has asked for an id has inserted then: it is none of those that a file has.
        """
        if is_postgresql(self._db):
            self._db.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))

    def lock(self, user_ids: Sequence[int]) -> None:
        """Lock these users until the transaction ends, in the order of their ids."""
        if user_ids:
            query = select(User.id).where(one_of(self._db, _USERS.c.id, user_ids))
            self._db.execute(query.order_by(User.id).with_for_update(key_share=True))

    def insert(self, rows: Sequence[UserRow], *, keeps_ids: bool) -> None:
        """Insert users; raise `AlreadyThere` or `RowsRefused`, which end the transaction."""
        names = FIELDS if keeps_ids else FIELDS[1:]
        if keeps_ids:
            self._raise_sequence(max(row.id or 0 for row in rows))
        given = rows if keeps_ids else [row[1:] for row in rows]
        with _naming_refusals():
            insert_rows(self._db, _USERS, names, given)

    def update(self, rows: Mapping[int, UserRow], now: datetime) -> None:
        """Give users other names and languages; those that have them already stay untouched.

        Raises `RowsRefused`, which ends the transaction.
        """
        changes = [(key, row.first_name, row.last_name, row.language) for key, row in rows.items()]
        for begin in range(0, len(changes), _UPDATED_AT_ONCE):
            statement = _updating(changes[begin : begin + _UPDATED_AT_ONCE], now)
            with _naming_refusals():
                self._db.execute(statement, execution_options=_NO_SYNC)

    def count(self) -> int:
        """Return how many users there are."""
        query = select(func.count()).select_from(User).where(User.deleted_at.is_(None))
        return self._db.scalar(query) or 0

    def export(self, *, after: int = 0, limit: int | None = None) -> Generator[Texts, None, None]:
        """Yield the users beyond an id, in the order of their ids, as they are at one moment."""
        if is_postgresql(self._db):
            yield from copied_rows(self._db, _export_query(after, limit))
            return
        known = func.nullif(User.password_hash, NO_HASH)
        query = select(*(_USERS.c[name] for name in FIELDS[:-1]), known).where(
            User.deleted_at.is_(None), User.id > after
        )
        wanted = query.order_by(User.id).limit(limit)
        with self._db.execute(wanted, execution_options={"yield_per": _FETCHED_AT_ONCE}) as found:
            for row in found:
                yield tuple(map(_text_of, row))

    def _raise_sequence(self, highest: int) -> None:
        """Let the database give ids beyond the highest of the file."""
        if is_postgresql(self._db):
            self._db.execute(_RAISE_SEQUENCE, {"highest": highest})


@contextmanager
def _naming_refusals() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        taken = violated_constraint(error) in _ALREADY_THERE
        raise (AlreadyThere if taken else RowsRefused) from error
    except DataError as error:
        raise RowsRefused from error


_RAISE_SEQUENCE = text(
    "SELECT setval(s.oid, :highest) FROM (SELECT pg_get_serial_sequence('users', 'id')::regclass"
    " AS oid) s WHERE :highest > coalesce(pg_sequence_last_value(s.oid), 0)"
)


def _updating(changes: Sequence[tuple[Any, ...]], now: datetime) -> Any:
    new = values(
        sql_column("id", BigIntegerKey),
        sql_column("first_name", String()),
        sql_column("last_name", String()),
        sql_column("language", String()),
        name="new",
    ).data(list(changes))
    source = new.cte("new")
    differs = or_(
        *(
            getattr(User, name).is_distinct_from(source.c[name])
            for name in ("first_name", "last_name", "language")
        )
    )
    return (
        update(User)
        .where(User.id == source.c.id, User.deleted_at.is_(None), differs)
        .values(
            first_name=source.c.first_name,
            last_name=source.c.last_name,
            language=source.c.language,
            updated_at=now,
            version=User.version + 1,
        )
    )


def _export_query(after: int, limit: int | None) -> str:
    columns = {name: _AS_TEXT.format(name=name) for name in _TIMES}
    columns["is_active"] = "is_active::text"
    columns["password_hash"] = f"nullif(password_hash, '{NO_HASH}')"
    wanted = ", ".join(columns.get(name, name) for name in FIELDS)
    some = "" if limit is None else f" LIMIT {int(limit)}"
    return (
        f"SELECT {wanted} FROM users WHERE deleted_at IS NULL AND id > {int(after)}"  # noqa: S608 - our own words and numbers
        f" ORDER BY id{some}"
    )


def _text_of(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return timestamp(value) if isinstance(value, datetime) else str(value)
