"""The oldest programs that a database's schema lets live.

A migration that takes something away writes here, for its branch, the revision that a program must
know to go on: the one from which on programs no longer ask for it.

    op.execute("UPDATE schema_floors SET revision = '0031' WHERE branch = 'userapi'")
"""

from collections.abc import Collection

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from userapi.db.engine import reading

OURS = "userapi"
"""The branch of our own migrations."""

FLOORS = Table(
    "schema_floors", MetaData(), Column("branch", String(64)), Column("revision", String(32))
)
"""The table, as the migrations make it."""


def unknown_floors(
    engine: Engine, branches: Collection[str], known: Collection[str]
) -> dict[str, str]:
    """Return the floors of these branches, and of ours, that a program does not know, by branch."""
    with reading(engine).connect() as connection:
        if not inspect(connection).has_table(FLOORS.name):
            return {}
        query = select(FLOORS.c.branch, FLOORS.c.revision)
        found = {row.branch: row.revision for row in connection.execute(query)}
    asked = {OURS, *branches}
    return {
        branch: floor for branch, floor in found.items() if branch in asked and floor not in known
    }
