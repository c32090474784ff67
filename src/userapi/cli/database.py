"""`userapi db`: the database's schema."""

import click
from flask.cli import AppGroup

from userapi.command_line import with_error_handling
from userapi.db.migrations import Migrations
from userapi.web.services import provided

db = AppGroup("db", help="Migrate the database's schema.")


@db.command()
@click.argument("revision", default="head")
@with_error_handling
def upgrade(revision: str) -> None:
    """Apply migrations, up to REVISION (default: head)."""
    migrations = provided(Migrations)
    migrations.upgrade(revision)
    click.echo(f"The database is at revision {migrations.current()}.")


@db.command()
@click.argument("revision", default="-1")
@with_error_handling
def downgrade(revision: str) -> None:
    """Take migrations back, down to REVISION (default: -1, one step; base: all)."""
    migrations = provided(Migrations)
    migrations.downgrade(revision)
    click.echo(f"The database is at revision {migrations.current() or 'base'}.")


@db.command()
@click.option("-m", "--message", required=True, help="What the migration does.")
@with_error_handling
def revision(message: str) -> None:
    """Write a new migration from what the models changed."""
    provided(Migrations).revise(message)


@db.command()
@with_error_handling
def history() -> None:
    """List all migrations."""
    provided(Migrations).print_history()


@db.command()
@with_error_handling
def current() -> None:
    """Show the database's revision."""
    provided(Migrations).print_current()


@db.command()
@with_error_handling
def check() -> None:
    """Fail when the models and the database differ."""
    provided(Migrations).check()
