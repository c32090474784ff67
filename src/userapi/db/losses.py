"""What taking migrations back takes away with them."""

import io
import re
from collections.abc import Iterator

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, select, table
from sqlalchemy.sql.functions import count

_DROPPED_TABLE = re.compile(r'^DROP TABLE (?:IF EXISTS )?"?(\w+)"?', re.MULTILINE)
_DROPPED_COLUMN = re.compile(r'^ALTER TABLE "?(\w+)"? DROP COLUMN "?(\w+)"?', re.MULTILINE)


def losses_of(
    scripts: ScriptDirectory, connection: Connection, revision: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each migration that a downgrade to `revision` takes back, with what it deletes.

    That are tables with how many rows they have, and columns. Raises `CommandError` for a
    revision that is none below the database's.
    """
    heads = MigrationContext.configure(connection).get_current_heads()
    try:
        steps = list(scripts.iterate_revisions(heads, revision, select_for_downgrade=True))
    except AssertionError as error:  # Alembic has no message for a branch that is not there
        message = f"the database has no migration to take back for {revision}"
        raise CommandError(message) from error
    except RevisionError as error:
        raise CommandError(str(error)) from error
    present = set(inspect(connection).get_table_names())
    for script in steps:
        statements = _statements_of(script, connection)
        tables = [name for name in _DROPPED_TABLE.findall(statements) if name in present]
        counted = [f"the table {name} ({_rows(connection, name)} rows)" for name in tables]
        columns = [f"the column {'.'.join(pair)}" for pair in _DROPPED_COLUMN.findall(statements)]
        yield f"{script.revision} {script.doc}", (*counted, *columns)


def _statements_of(script: Script, connection: Connection) -> str:
    """Return the SQL that takes a migration back, which is not run."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name=connection.dialect.name,
        opts={"as_sql": True, "literal_binds": True, "output_buffer": written},
    )
    with Operations.context(context):
        script.module.downgrade()
    return written.getvalue()


def _rows(connection: Connection, name: str) -> int:
    return connection.execute(select(count()).select_from(table(name))).scalar_one()
