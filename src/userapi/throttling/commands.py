"""`userapi unlock`."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.text import printable
from userapi.throttling.services.unlocking import UnlockService
from userapi.web.services import provided


@click.command("unlock")
@click.argument("email")
@with_appcontext
@with_error_handling
def unlock(email: str) -> None:
    """Delete the failed logins with that EMAIL.

    Its delays and lockouts end at once. The address need not be that of an account.
    """
    has_account = provided(UnlockService).unlock_address(email)
    note = "" if has_account else " No account has this e-mail address."
    click.echo(f"Unlocked {printable(email)}.{note}")
