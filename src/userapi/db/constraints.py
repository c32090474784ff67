"""From a database's complaint to the name of the rule that was broken.

PostgreSQL names the violated constraint. SQLite names checks and expression indexes, gives
the columns for other unique rules, and nothing at all for foreign keys.
"""

import re
from functools import cache

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from userapi.db.base import Base

_SQLITE_COMPLAINT = re.compile(
    r"^\w+(?: \w+)? constraint failed: (?:index '(?P<index>\w+)'|(?P<rule>.+))$"
)


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint or index that `error` tells of, if it tells."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        name: str | None = diagnostics.constraint_name
        return name
    complaint = _SQLITE_COMPLAINT.match(str(error.orig))
    if complaint is None:
        return None
    if complaint["index"]:
        return complaint["index"]
    return _unique_rules().get(complaint["rule"], complaint["rule"])


@cache
def _unique_rules() -> dict[str, str]:
    """Map "table.column, table.column" to the name of the unique rule on those columns."""
    rules: dict[str, str] = {}
    for table in Base.metadata.tables.values():
        rules[_columns_of(table, table.primary_key.columns.keys())] = str(table.primary_key.name)
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                rules[_columns_of(table, constraint.columns.keys())] = str(constraint.name)
        for index in table.indexes:
            if index.unique:
                rules[_columns_of(table, index.columns.keys())] = str(index.name)
    return rules


def _columns_of(table: Table, names: list[str]) -> str:
    return ", ".join(f"{table.name}.{name}" for name in names)
