"""`userapi db backup`, `restore` and `mark-restored`: copies of the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url

from userapi.audit.service import RestorationTrail
from userapi.cli.elsewhere import Elsewhere
from userapi.command_line import confirm, with_error_handling
from userapi.config.database import DatabaseSettings
from userapi.config.settings import Settings
from userapi.container import FeatureList
from userapi.db.migrations import Migrations
from userapi.db.revisions import SchemaState
from userapi.db.sqlite_copies import (
    CopyRefused,
    Progress,
    back_up,
    copy_whole,
    discard,
    ensure_replaceable,
    join_beside,
    put_in_place,
)
from userapi.kit.batches import unreported
from userapi.web.services import provided

_FILE = click.Path(path_type=Path, dir_okay=False)
_LOOK_THROUGH = (
    "Other things are as they were too, keys, passwords and roles among them: see docs/backups.md."
)


@click.command()
@click.argument("file", type=_FILE)
@with_appcontext
@with_error_handling
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE.

    Others may write meanwhile. FILE must not be there yet. It is one file, looked through, and for
    its owner only: it holds addresses and password hashes. PostgreSQL is backed up by its own
    pg_dump.
    """
    database = _sqlite_file("pg_dump")
    with _progress("backup") as progress:
        back_up(database, file, progress)
    click.echo(f"{file}: {file.stat().st_size} bytes, complete and sound.")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@with_error_handling
def restore(file: Path, *, yes: bool) -> None:
    """Put the backup FILE in the place of the database.

    Stop the service first. FILE stays as it is: a copy of it is migrated, marked as `userapi db
    mark-restored` does, and takes the place in one step. The database of before is kept beside it.
    PostgreSQL is restored by its own pg_restore.
    """
    database = _sqlite_file("pg_restore")
    if not yes:
        confirm(f"Have {file} take the place of {database}?")
    with provided(Migrations).alone():
        ensure_replaceable(database)
        copy = database.with_name(f"{database.name}-restoring")
        try:
            with _progress("restore") as progress:
                copy_whole(file, copy, progress)
            ended = _prepare(copy)
            old = put_in_place(copy, database)
        finally:
            discard(copy)
    click.echo(f"{database} is what {file} holds. Ended: {_counted(ended)}.")
    if old is not None:
        click.echo(f"What was there before is {old}; delete it when nothing is missed.")
    click.echo(_LOOK_THROUGH)


@click.command("mark-restored")
@with_appcontext
@with_error_handling
def mark_restored() -> None:
    """End all that lets somebody in, after a restore.

    Sessions, one-time tokens and trusted devices that were ended after the backup was made would
    work again. Run it after pg_restore or a recovery to a point in time, before the service starts.
    It may be broken off and repeated; each time everybody has to log in again.
    """
    click.echo(f"Ended: {_counted(_mark())}.")
    click.echo(_LOOK_THROUGH)


def _prepare(copy: Path) -> dict[str, int]:
    """Migrate a copy, and mark it; return what was ended."""
    url = make_url(provided(Settings).of(DatabaseSettings).url).set(database=str(copy))
    with provided(Elsewhere).on(url.render_as_string(hide_password=False)):
        migrations = provided(Migrations)
        migrations.upgrade()
        if migrations.state() is not SchemaState.CURRENT:
            message = "the backup is of a newer version; restore it with that one"
            raise CopyRefused(message)
        ended = _mark()
    join_beside(copy)
    return ended


def _mark() -> dict[str, int]:
    """End what lets somebody in, of all features; return how many of each kind there were."""
    credentials = [each for feature in provided(FeatureList) for each in feature.credentials]
    ended = {each.name: each.end(unreported) for each in credentials}
    provided(RestorationTrail).record(
        {name.replace(" ", "_").replace("-", "_"): count for name, count in ended.items()}
    )
    return ended


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """Show on a terminal how far a copy is."""
    if not sys.stdout.isatty():
        yield lambda _left, _all: None
        return
    with click.progressbar(length=1, label=label) as bar:

        def show(left: int, pages: int) -> None:
            bar.length = max(pages, 1)
            bar.update(pages - left - bar.pos)

        yield show


def _counted(ended: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in ended.items())


def _sqlite_file(tool: str) -> Path:
    url = make_url(provided(Settings).of(DatabaseSettings).url)
    if url.get_backend_name() != "sqlite":
        message = f"this is for SQLite; PostgreSQL has {tool}: see docs/backups.md"
        raise CopyRefused(message)
    # Where a link leads: the database stays there, with what SQLite keeps beside it.
    return Path(str(url.database)).resolve()
