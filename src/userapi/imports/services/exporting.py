"""Exports over HTTP: all users, a part of the file at a time."""

from userapi.imports import policy
from userapi.imports.records import ExportPart, ExportQuery
from userapi.imports.store import UserRows
from userapi.imports.writing import written
from userapi.kit.principal import Principal


class ExportService:
    """Writes users for admins; hashes of passwords are told to the operator alone."""

    def __init__(self, *, rows: UserRows) -> None:
        self._rows = rows

    def export(self, principal: Principal, query: ExportQuery) -> ExportPart:
        """Return the part of the file with the users beyond an id; raise `NotAllowed`."""
        policy.EXPORTING.ensure(principal)
        rows = list(self._rows.export(after=query.after, limit=query.limit + 1))
        shown = [row[:-1] for row in rows[: query.limit]]
        last = int(str(shown[-1][0])) if len(rows) > query.limit else None
        is_first = query.after == 0
        pieces = written(shown, query.format, with_hashes=False, with_header=is_first)
        return ExportPart(query.format, "".join(pieces), len(shown), last)
