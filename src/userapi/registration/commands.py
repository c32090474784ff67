"""`userapi create-admin`."""

import click
from flask.cli import with_appcontext
from marshmallow import ValidationError

from userapi.command_line import ask_for_password, with_error_handling
from userapi.kit.principal import Role
from userapi.registration.records import Registration
from userapi.registration.schemas import UserCreateSchema
from userapi.registration.services.registration import RegistrationService
from userapi.users.errors import EmailTaken
from userapi.web.services import provided

_SHOWN = (
    "Warning: a password that is an argument is shown by process lists and kept in the shell's "
    "history; leave it out to be asked for it, or send it to standard input"
)


@click.command("create-admin")
@click.argument("email")
@click.argument("password", required=False)
@click.option("--first-name", default="Admin", show_default=True, help="The first name.")
@click.option("--last-name", default="User", show_default=True, help="The last name.")
@with_appcontext
@with_error_handling
def create_admin(email: str, password: str | None, first_name: str, last_name: str) -> None:
    """Make an administrator with that EMAIL.

    The password is asked for, or read from standard input: one line. A PASSWORD that is an
    argument is taken with a warning, because process lists and the shell's history show it.
    """
    if password is None:
        password = ask_for_password("Password")
    else:
        click.echo(_SHOWN, err=True)
    registration = validated_registration(email, password, first_name, last_name)
    try:
        user = provided(RegistrationService).create(registration, Role.ADMIN)
    except EmailTaken as error:
        message = (
            f"{registration.email} has an account already; to make it an administrator, run: "
            f"userapi set-role {registration.email} admin"
        )
        raise click.ClickException(message) from error
    click.echo(f"Created the administrator {user.email} with id {user.id}.")


def validated_registration(
    email: str, password: str, first_name: str, last_name: str
) -> Registration:
    """Hold what an operator types to the same rules as what comes over HTTP."""
    try:
        registration: Registration = UserCreateSchema().load(
            {
                "email": email,
                "password": password,
                "first_name": first_name,
                "last_name": last_name,
            }
        )
    except ValidationError as error:
        mistakes = [f"{name}: {' '.join(found)}" for name, found in error.messages_dict.items()]
        raise click.ClickException("; ".join(mistakes)) from error
    return registration
