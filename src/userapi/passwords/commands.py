"""`userapi reset-password`."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.clock import timestamp
from userapi.kit.text import printable
from userapi.passwords.services.resetting import PasswordResetService
from userapi.users.errors import UserNotFound
from userapi.web.services import provided


@click.command("reset-password")
@click.argument("email")
@with_appcontext
@with_error_handling
def reset_password(email: str) -> None:
    """Print a link that resets a password.

    The user with that EMAIL chooses another password by it, once, within 30 minutes. Hand it over
    to nobody else: whoever has it has the account. The password of now works until then.
    """
    try:
        link = provided(PasswordResetService).issue_link(email)
    except UserNotFound as error:
        message = f"no user has the e-mail address {printable(email)}"
        raise click.ClickException(message) from error
    click.echo(f"Works once, until {timestamp(link.expires_at)}:", err=True)
    click.echo(link.url)
