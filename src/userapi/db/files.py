"""The file of an SQLite database."""

from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Engine

from userapi.kit.files import OWNERS_FILE


def create_sqlite_file(engine: Engine) -> None:
    """Make the file of an SQLite database where it is missing; raise `CommandError`.

    Only its owner may read it. Nothing else makes it: who mistypes its name, or only looks, leaves
    no empty database behind.
    """
    if engine.dialect.name != "sqlite":
        return
    file = Path(str(engine.url.database))
    try:
        file.touch(mode=OWNERS_FILE)
    except OSError as error:
        message = f"cannot make the database file {file}: {error.strerror}"
        raise CommandError(message) from error
