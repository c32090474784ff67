"""`userapi purge`: what has been kept for long enough."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from userapi.audit.service import AuditRetention
from userapi.cli.clear_errors import with_clear_errors
from userapi.idempotency.service import IdempotencyService
from userapi.kit.clock import utc_now
from userapi.lockouts.service import LockoutRetention
from userapi.sessions.service import SessionRetention
from userapi.settings import Settings
from userapi.web.services import provided

ENDED_SESSIONS_KEPT_FOR = timedelta(days=30)
"""How long a session is kept after it was revoked or has expired."""


@click.command()
@with_appcontext
@with_clear_errors
def purge() -> None:
    """Delete what is no longer needed: to be run every day.

    That is where audited events came from, AUDIT_ORIGIN_RETENTION_DAYS after them; sessions
    that ended 30 days ago; idempotency keys and devices that have expired; and failed logins of
    90 days ago that stopped nothing. The events themselves stay.
    """
    now = utc_now()
    origins = provided(AuditRetention).forget_origins(
        now - provided(Settings).audit_origin_retention
    )
    sessions = provided(SessionRetention).forget_ended(now - ENDED_SESSIONS_KEPT_FOR)
    keys = provided(IdempotencyService).forget_expired()
    devices = provided(LockoutRetention).forget_devices()
    failures = provided(LockoutRetention).forget_failures()
    click.echo(f"origins of events: {origins} deleted")
    click.echo(f"ended sessions: {sessions} deleted")
    click.echo(f"expired idempotency keys: {keys} deleted")
    click.echo(f"expired devices: {devices} deleted")
    click.echo(f"addresses and devices with failed logins: {failures} deleted")
