"""The command that makes searches fast on PostgreSQL."""

import click
from flask.cli import with_appcontext

from userapi.command_line import CommandWithoutInstance, with_error_handling
from userapi.directory.store import SearchIndex
from userapi.web.services import provided


@click.command(cls=CommandWithoutInstance)
@click.option("--drop", is_flag=True, help="Drop the index.")
@with_appcontext
@with_error_handling
def search_index(*, drop: bool) -> None:
    """Make the index that searches for users go by.

    It is for PostgreSQL with the extension pg_trgm, which is added where it is not there yet, and
    takes about ten seconds for a million users. Users come and go meanwhile. The owner of the
    tables makes it, once: what comes later is in it.
    """
    index = provided(SearchIndex)
    if drop:
        click.echo("The index was dropped." if index.drop() else "There is no such index.")
    else:
        click.echo("Searches have their index." if index.create() else "It is there already.")
