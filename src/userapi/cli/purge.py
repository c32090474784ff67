"""`userapi purge`: what has been kept for long enough."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from userapi.audit.service import AuditRetention
from userapi.audit.settings import AuditSettings
from userapi.cli.error_handling import with_error_handling
from userapi.config.settings import Settings
from userapi.idempotency.service import IdempotencyService
from userapi.kit.clock import utc_now
from userapi.sessions.service import SessionRetention
from userapi.throttling.service import LockoutRetention
from userapi.web.services import provided

ENDED_SESSIONS_KEPT_FOR = timedelta(days=30)
"""How long a session is kept after it was revoked or has expired."""


@click.command()
@with_appcontext
@with_error_handling
def purge() -> None:
    """Delete what is no longer needed: to be run every day.

    That is where audited events came from, AUDIT_ORIGIN_RETENTION_DAYS after them; sessions
    that ended 30 days ago; idempotency keys and devices that have expired; and failed logins of
    90 days ago that stopped nothing. The events themselves stay.
    """
    now = utc_now()
    origins = provided(AuditRetention).delete_expired_client_info(
        now - provided(Settings).of(AuditSettings).origin_retention
    )
    sessions = provided(SessionRetention).delete_expired(now - ENDED_SESSIONS_KEPT_FOR)
    keys = provided(IdempotencyService).delete_expired()
    devices = provided(LockoutRetention).delete_expired_devices()
    failures = provided(LockoutRetention).delete_expired_failures()
    click.echo(f"origins of events: {origins} deleted")
    click.echo(f"ended sessions: {sessions} deleted")
    click.echo(f"expired idempotency keys: {keys} deleted")
    click.echo(f"expired devices: {devices} deleted")
    click.echo(f"addresses and devices with failed logins: {failures} deleted")
