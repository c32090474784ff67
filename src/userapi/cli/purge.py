"""`userapi purge`: what has been stored for long enough."""

import sys
from collections.abc import Iterator, Sequence

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.container import FeatureList, Purge
from userapi.db.roles import DatabaseRoles
from userapi.kit.batches import unreported
from userapi.web.services import provided


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
@with_appcontext
@with_error_handling
def purge(*, dry_run: bool) -> None:
    """Delete what is no longer needed: to be run every day.

    What that is, and after how long, tells docs/retention.md: sessions that ended, keys, devices
    and counts that have expired, where events came from, events whose time is over, and the persons
    of accounts that were closed for long enough. It may be interrupted, and run again, at any time.

    On PostgreSQL some of it only the owner of the tables may delete. For anybody else that stays,
    and the command ends with a status that is not zero.
    """
    if dry_run:
        for expired in _purges():
            click.echo(f"{expired.name}: {expired.count()} to be deleted")
        return
    owns_tables = provided(DatabaseRoles).owns_tables()
    left = [expired.name for expired in _purges() if expired.by_owner and not owns_tables]
    for expired in _purges():
        if expired.name not in left:
            click.echo(f"{expired.name}: {_delete(expired)} deleted")
    _ensure_nothing_left(left)


def _purges() -> Iterator[Purge]:
    for feature in provided(FeatureList):
        yield from feature.purges


def _delete(expired: Purge) -> int:
    """Delete it, on a terminal with a bar that grows with each batch; return how many."""
    count = expired.count() if _is_terminal() else 0
    if count == 0:
        return expired.delete(unreported)
    with click.progressbar(length=count, label=expired.name) as bar:
        return expired.delete(bar.update)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _ensure_nothing_left(names: Sequence[str]) -> None:
    if names:
        message = (
            f"left alone: {', '.join(names)}; only the owner of the tables may delete them: "
            "run this with the DATABASE_URL of the tables' owner"
        )
        raise click.ClickException(message)
