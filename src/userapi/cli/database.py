"""`userapi db`: the database's schema, and its copies."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from userapi.cli.backups import backup, mark_restored, restore
from userapi.cli.roles import roles
from userapi.command_line import CommandWithoutInstance, confirm, with_error_handling
from userapi.db.migration_limits import MigrationLimits
from userapi.db.migrations import Migrations
from userapi.db.revisions import SchemaState
from userapi.db.roles import DatabaseRoles
from userapi.directory.commands import search_index
from userapi.web.services import provided


def _revisions(migrations: Migrations) -> str:
    return ", ".join(sorted(migrations.current())) or "base"


def _limited(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `MigrationLimits`."""
    for name, default, meaning in (
        ("--wait", MigrationLimits.turn, "Seconds to wait while another process migrates."),
        (
            "--statement-timeout",
            MigrationLimits.statement,
            "Seconds a statement may take that others wait for; 0: any time.",
        ),
        (
            "--lock-timeout",
            MigrationLimits.lock,
            "Seconds to wait for a lock, each of three times.",
        ),
    ):
        seconds = click.FloatRange(min=0)
        option = click.option(name, type=seconds, default=default, show_default=True, help=meaning)
        command = option(command)
    return command


db = AppGroup("db", help="Migrate, back up and restore the database.")
db.add_command(backup)
db.add_command(mark_restored)
db.add_command(restore)
db.add_command(roles)
db.add_command(search_index)


@db.command()
@click.argument("revision", default="heads")
@_limited
@with_error_handling
def upgrade(revision: str, *, lock_timeout: float, statement_timeout: float, wait: float) -> None:
    """Apply migrations.

    They go up to REVISION (default: heads, the newest of every branch). Any number of these may be
    started at once. Nobody is kept waiting for long: what cannot have its locks is taken back, and
    can be run again.
    """
    migrations = provided(Migrations)
    limits = MigrationLimits(lock=lock_timeout, statement=statement_timeout, turn=wait)
    migrations.upgrade(revision, limits)
    if migrations.state() is SchemaState.NEWER:
        stays = f"stays at revision {_revisions(migrations)}"
        click.echo(f"The database is newer than this version, and {stays}.")
        return
    provided(DatabaseRoles).narrow()
    click.echo(f"The database is at revision {_revisions(migrations)}.")


@db.command()
@click.argument("revision", default="-1")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_limited
@with_error_handling
def downgrade(
    revision: str, *, yes: bool, lock_timeout: float, statement_timeout: float, wait: float
) -> None:
    """Take migrations back, with what they hold.

    It goes down to REVISION (default: -1, one step; base: all), and asks before it deletes. Where
    features have branches of their own, name the branch: notes@-1, notes@base.
    """
    migrations = provided(Migrations)
    for migration, deleted in migrations.losses(revision):
        click.echo(f"{migration} Deletes {', '.join(deleted) or 'no data'}.")
    if not yes:
        confirm("Take these migrations back, and delete what they hold?")
    limits = MigrationLimits(lock=lock_timeout, statement=statement_timeout, turn=wait)
    migrations.downgrade(revision, limits)
    click.echo(f"The database is at revision {_revisions(migrations)}.")


@db.command()
@click.option("-m", "--message", required=True, help="What the migration does.")
@click.option("--branch", help="The branch of a feature that brings its own migrations.")
@with_error_handling
def revision(message: str, branch: str | None) -> None:
    """Write a migration from what the models changed."""
    provided(Migrations).revise(message, branch)


@db.command(cls=CommandWithoutInstance)
@click.option("--since", multiple=True, help="The newest revision of a feature's last release.")
@with_error_handling
def review(since: tuple[str, ...]) -> None:
    """Fail on migrations that harm the release before.

    Looked at is what they send to PostgreSQL: what drops, renames or narrows something that may be
    in use, and what keeps others waiting for long. No database is asked.
    """
    provided(Migrations).ensure_harmless(since)
    click.echo("The release before can live with all migrations since.")


@db.command(cls=CommandWithoutInstance)
@with_error_handling
def history() -> None:
    """List all migrations."""
    provided(Migrations).print_history()


@db.command(cls=CommandWithoutInstance)
@with_error_handling
def current() -> None:
    """Show the database's revision."""
    migrations = provided(Migrations)
    if migrations.current():
        migrations.print_current()
    else:
        click.echo("The database has no migration yet; run: userapi db upgrade")


@db.command(cls=CommandWithoutInstance)
@with_error_handling
def check() -> None:
    """Fail when the models and the database differ."""
    provided(Migrations).check()
