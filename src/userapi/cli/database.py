"""`userapi db`: the database's schema."""

import click
from flask.cli import AppGroup

from userapi.cli.roles import roles
from userapi.command_line import CommandWithoutInstance, with_error_handling
from userapi.db.migrations import Migrations
from userapi.db.roles import DatabaseRoles
from userapi.directory.commands import search_index
from userapi.web.services import provided


def _revisions(migrations: Migrations) -> str:
    return ", ".join(sorted(migrations.current())) or "base"


def _confirm(question: str) -> None:
    message = "nothing was changed"
    try:
        if click.confirm(question):
            return
    except click.Abort:
        message += "; where nobody can answer, add --yes"
    raise click.ClickException(message)


db = AppGroup("db", help="Migrate the database's schema.")
db.add_command(roles)
db.add_command(search_index)


@db.command()
@click.argument("revision", default="heads")
@with_error_handling
def upgrade(revision: str) -> None:
    """Apply migrations.

    They go up to REVISION (default: heads, the newest of every branch).
    """
    migrations = provided(Migrations)
    migrations.upgrade(revision)
    provided(DatabaseRoles).narrow()
    click.echo(f"The database is at revision {_revisions(migrations)}.")


@db.command()
@click.argument("revision", default="-1")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_error_handling
def downgrade(revision: str, *, yes: bool) -> None:
    """Take migrations back, with what they hold.

    It goes down to REVISION (default: -1, one step; base: all), and asks before it deletes. Where
    features have branches of their own, name the branch: notes@-1, notes@base.
    """
    migrations = provided(Migrations)
    for migration, deleted in migrations.losses(revision):
        click.echo(f"{migration} Deletes {', '.join(deleted) or 'no data'}.")
    if not yes:
        _confirm("Take these migrations back, and delete what they hold?")
    migrations.downgrade(revision)
    click.echo(f"The database is at revision {_revisions(migrations)}.")


@db.command()
@click.option("-m", "--message", required=True, help="What the migration does.")
@click.option("--branch", help="The branch of a feature that brings its own migrations.")
@with_error_handling
def revision(message: str, branch: str | None) -> None:
    """Write a new migration from what the models changed."""
    provided(Migrations).revise(message, branch)


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
