"""`userapi unlock`."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.text import printable
from userapi.throttling.service import UnlockService
from userapi.users.errors import UserNotFound
from userapi.web.services import provided


@click.command("unlock")
@click.argument("email")
@with_appcontext
@with_error_handling
def unlock(email: str) -> None:
    """Delete the failed logins with that EMAIL.

    Its delays and lockouts end at once.
    """
    try:
        provided(UnlockService).unlock_address(email)
    except UserNotFound as error:
        message = f"no user has the e-mail address {printable(email)}"
        raise click.ClickException(message) from error
    click.echo(f"Unlocked {printable(email)}.")
