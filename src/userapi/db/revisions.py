"""The revision that a database has, and the newest that there is, without Alembic.

Loading Alembic costs more than most commands, and every start of a server asks for these two.
"""

import re
from enum import Enum
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from userapi.db.engine import reading

VERSIONS = "versions"
"""The folder of the migrations, beside Alembic's own files."""

RELEASED = "released"
"""The file beside that folder with our newest revision of the last release."""

_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision = (?:"(\w+)"|None)$', re.MULTILINE)

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))
"""Alembic's own table, as it makes it."""


class SchemaState(Enum):
    """How the database's schema stands to the migrations of this version of the program."""

    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"
    BEYOND = "beyond"
    """Newer, and what this version reads or writes is not there any more."""


def revisions_in(engine: Engine) -> frozenset[str]:
    """Return a database's revisions, one of each branch; none before the first migration."""
    with reading(engine).connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return frozenset()
        return frozenset(connection.scalars(select(_VERSION.c.version_num)))


def newest_in(versions: Path) -> str | None:
    """Return the newest of the migrations in a folder, as their files say.

    None where that takes Alembic: where they are not written as our template has them, or do not
    follow one another in one line.
    """
    texts = [file.read_text(encoding="utf-8") for file in versions.glob("*.py")]
    revisions = [found for text in texts for found in _REVISION.findall(text)]
    before = [found for text in texts for found in _BEFORE.findall(text)]
    last = set(revisions) - set(before)
    is_line = len(texts) == len(set(revisions)) == len(set(before)) == len(before) == len(revisions)
    return last.pop() if is_line and len(last) == 1 else None
