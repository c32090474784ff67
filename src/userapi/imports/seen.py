"""What a dry run remembers of the rows that would have come in: on disk, however many there are."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from userapi.imports.records import UserRow

_NOBODY = 0  # the id of who would get one


class Seen:
    """Addresses and ids, in a nameless file of SQLite that goes with the block."""

    def __enter__(self) -> Self:
        """Make the file, which SQLite keeps in memory as long as it is small."""
        self._file = sqlite3.connect("")
        self._file.execute("CREATE TABLE emails (email TEXT PRIMARY KEY) WITHOUT ROWID")
        self._file.execute("CREATE TABLE ids (id INTEGER PRIMARY KEY)")
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the file go."""
        self._file.close()

    def add(self, rows: Iterable[UserRow]) -> None:
        """Remember users."""
        rows = list(rows)
        self._file.executemany("INSERT INTO emails VALUES (?)", [(row.email,) for row in rows])
        ids = [(row.id,) for row in rows if row.id is not None]
        self._file.executemany("INSERT INTO ids VALUES (?)", ids)

    def holders(self, emails: Sequence[str]) -> dict[str, int]:
        """Return which of these addresses would be somebody's, as `UserRows.holders` does."""
        query = "SELECT email FROM emails WHERE email IN (SELECT value FROM json_each(?))"
        return {email: _NOBODY for (email,) in self._file.execute(query, (json.dumps(emails),))}

    def ids(self, ids: Sequence[int]) -> set[int]:
        """Return which of these ids would be somebody's."""
        query = "SELECT id FROM ids WHERE id IN (SELECT value FROM json_each(?))"
        return {number for (number,) in self._file.execute(query, (json.dumps(ids),))}
