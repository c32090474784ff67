"""`userapi purge`: what has been kept for long enough."""

import click
from flask.cli import with_appcontext

from userapi.audit.service import AuditRetention
from userapi.cli.error_handling import with_error_handling
from userapi.idempotency.service import IdempotencyService
from userapi.sessions.services.retention import SessionRetention
from userapi.throttling.service import LockoutRetention
from userapi.web.services import provided


@click.command()
@with_appcontext
@with_error_handling
def purge() -> None:
    """Delete what is no longer needed: to be run every day.

    That is where audited events came from, AUDIT_ORIGIN_RETENTION_DAYS after them; sessions
    that ended 30 days ago; idempotency keys and devices that have expired; and failed logins of
    90 days ago that stopped nothing. The events themselves stay.
    """
    origins = provided(AuditRetention).delete_expired()
    sessions = provided(SessionRetention).delete_expired()
    keys = provided(IdempotencyService).delete_expired()
    devices = provided(LockoutRetention).delete_expired_devices()
    failures = provided(LockoutRetention).delete_expired_failures()
    click.echo(f"origins of events: {origins} deleted")
    click.echo(f"ended sessions: {sessions} deleted")
    click.echo(f"expired idempotency keys: {keys} deleted")
    click.echo(f"expired devices: {devices} deleted")
    click.echo(f"addresses and devices with failed logins: {failures} deleted")
