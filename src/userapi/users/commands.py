"""`userapi set-role`."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.principal import Role
from userapi.kit.text import printable
from userapi.users.errors import UserNotFound
from userapi.users.service import UserService
from userapi.web.services import provided


@click.command("set-role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@with_appcontext
@with_error_handling
def set_role(email: str, role: str) -> None:
    """Give the user with that EMAIL that ROLE.

    It counts from the user's next request on.
    """
    try:
        user = provided(UserService).assign_role(email, Role(role))
    except UserNotFound as error:
        message = f"no user has the e-mail address {printable(email)}"
        raise click.ClickException(message) from error
    click.echo(f"The role of {user.email} is {user.role}.")
