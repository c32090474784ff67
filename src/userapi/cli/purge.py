"""`userapi purge`: what has been stored for long enough."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.container import FeatureList
from userapi.web.services import provided


@click.command()
@with_appcontext
@with_error_handling
def purge() -> None:
    """Delete what is no longer needed: to be run every day.

    That is where audited events came from, AUDIT_ORIGIN_RETENTION_DAYS after them; sessions
    that ended 30 days ago; idempotency keys and devices that have expired; and failed logins of
    90 days ago that lock no account. The events themselves stay. All but where events came from
    is deleted by workers, too, every hour.
    """
    for feature in provided(FeatureList):
        for expired in feature.purges:
            click.echo(f"{expired.name}: {expired.delete()} deleted")
