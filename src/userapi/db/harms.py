"""What migrations do that the release before, which runs beside them, cannot live with.

Looked at is the SQL that they send to PostgreSQL, which is not run. Tables that came after that
release are nobody's yet, and anything may be done to them. A migration that has to do such a thing
says why it may: `accepted = {"drops the column users.age": "nobody has read it since 0.4.0"}`.
"""

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from userapi.db.floors import FLOORS

_UNREADABLE = "cannot be looked through, because it reads the database"
_CREATED = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
_NAME = r"(?:IF EXISTS )?(?:ONLY )?\"?(?P<table>\w+)\"?"
_ALTER = rf"ALTER TABLE {_NAME} "
_ADD = rf"{_ALTER}ADD COLUMN \"?(?P<column>\w+)\"? "
_RULES: tuple[tuple[str, str], ...] = (
    (rf"DROP TABLE {_NAME}", "drops the table {table}"),
    (rf"TRUNCATE (?:TABLE )?{_NAME}", "empties the table {table}"),
    (rf"{_ALTER}RENAME TO", "renames the table {table}"),
    (rf"{_ALTER}RENAME (?:COLUMN )?\"?(?P<column>\w+)", "renames the column {table}.{column}"),
    (rf"{_ALTER}DROP COLUMN \"?(?P<column>\w+)", "drops the column {table}.{column}"),
    (
        rf"{_ADD}(?!.*\b(?:DEFAULT|GENERATED)\b).*NOT NULL",
        "adds the column {table}.{column}, for which others have no value",
    ),
    (rf"{_ADD}.*GENERATED ALWAYS AS .*STORED", "writes the table {table} anew"),
    (rf"{_ADD}.*DEFAULT \w+\(", "may write the table {table} anew"),
    (
        rf"{_ADD}.*\b(?:CHECK|UNIQUE|REFERENCES)\b",
        "adds the column {table}.{column} with a rule, for which all rows are read",
    ),
    (
        rf"{_ALTER}ALTER COLUMN \"?(?P<column>\w+)\"? TYPE",
        "changes the type of {table}.{column}",
    ),
    (
        rf"{_ALTER}ALTER COLUMN \"?(?P<column>\w+)\"? (?:SET NOT NULL|DROP DEFAULT)",
        "requires values in {table}.{column}",
    ),
    (rf"{_ALTER}ADD CONSTRAINT (?P<column>\w+)", "adds the rule {column} to {table}"),
    (rf"{_ALTER}DROP CONSTRAINT (?P<column>\w+)", "takes the rule {column} from {table}"),
    (
        rf"CREATE UNIQUE INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?(?P<column>\w+) ON {_NAME}",
        "adds the rule {column} to {table}",
    ),
    (
        rf"CREATE INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(?P<column>\w+) ON {_NAME}",
        "makes the index {column} while nobody can write to {table}",
    ),
    (rf"UPDATE {_NAME}", "changes rows of {table} and keeps them locked"),
    (rf"DELETE FROM {_NAME}", "deletes rows of {table}"),  # noqa: S608 - a pattern
    (rf"LOCK (?:TABLE )?{_NAME}", "locks the table {table}"),
    (
        rf"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER (?P<column>\w+)\b.*? ON {_NAME}",
        "has the trigger {column} run when {table} is written to",
    ),
    # Of these the table cannot be told.
    (r"CREATE OR REPLACE FUNCTION (?P<table>\w+)", "exchanges the function {table}"),
    (r"DROP INDEX (?!CONCURRENTLY)(?:IF EXISTS )?(?P<table>\w+)", "drops the index {table}"),
    (r"DROP INDEX CONCURRENTLY (?:IF EXISTS )?(?P<table>uq_\w+)", "drops the rule {table}"),
    (r"(?P<table>CLUSTER|VACUUM FULL|REINDEX)\b(?!.*CONCURRENTLY)", "runs {table}"),
)
_HARMS = tuple((re.compile(rf"^\s*{pattern}", re.DOTALL), told) for pattern, told in _RULES)


@dataclass(frozen=True, slots=True)
class Harm:
    """What a migration does to the release before, in words that `accepted` may repeat."""

    revision: str
    told: str

    def __str__(self) -> str:
        return f"{self.revision} {self.told}"


def harms_since(scripts: ScriptDirectory, released: Collection[str]) -> list[Harm]:
    """Return the harms of all migrations after the released ones, but for those they accept.

    What a migration accepts and does not do is one, too.
    """
    known = {
        script.revision
        for revision in released
        for script in scripts.iterate_revisions(revision, "base", inclusive=True)
    }
    later = [
        each for each in reversed(list(scripts.walk_revisions())) if each.revision not in known
    ]
    created = {FLOORS.name}
    return [harm for script in later for harm in _harms_of(script, created)]


def _harms_of(script: Script, created: set[str]) -> Iterator[Harm]:
    """Yield the harms of a migration, and add to `created` the tables that it makes."""
    text = _statements_of(script)
    found = {_UNREADABLE} if text is None else set(_found_in(text, created))
    accepted = set(getattr(script.module, "accepted", {}))
    for told in sorted(found - accepted):
        yield Harm(script.revision, told)
    for told in sorted(accepted - found):
        yield Harm(script.revision, f'accepts what it does not do: "{told}"')


def _found_in(text: str, created: set[str]) -> Iterator[str]:
    for statement in text.split(";\n\n"):
        # In their order: what is dropped and made again was somebody's.
        created.update(_CREATED.findall(statement))
        for pattern, told in _HARMS:
            match = pattern.match(statement)
            if match is not None and match["table"] not in created:
                yield told.format(**match.groupdict())


def _statements_of(script: Script) -> str | None:
    """Return the SQL of a migration; None where it cannot be told without a database."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "literal_binds": True, "output_buffer": written},
    )
    try:
        with Operations.context(context):
            script.module.upgrade()
    except Exception:  # noqa: BLE001 - whatever a migration does with answers that there are not
        return None
    return written.getvalue()


def ensure_harmless(scripts: ScriptDirectory, released: Collection[str]) -> None:
    """Raise `CommandError`, naming each harm, unless there is none."""
    harms = harms_since(scripts, released)
    if harms:
        lines = "\n".join(f"  {harm}" for harm in harms)
        message = (
            f"the release before cannot live with these migrations:\n{lines}\n"
            "do it in steps, over two releases (docs/migrations.md), or have the migration say why "
            'it may: accepted = {"...": "..."}'
        )
        raise CommandError(message)
