"""`userapi db roles`: who owns the tables, and as whom the service logs in."""

import click
from flask.cli import with_appcontext

from userapi.command_line import CommandWithoutInstance, ask_for_password, with_error_handling
from userapi.db.roles import DatabaseRoles, RoleNames
from userapi.web.services import provided


@click.command(cls=CommandWithoutInstance)
@click.option("--owner", default="userapi_owner", show_default=True, help="Who owns the tables.")
@click.option(
    "--service", default="userapi_service", show_default=True, help="As whom the service logs in."
)
@click.option("--apply", is_flag=True, help="Run the SQL on DATABASE_URL, and set passwords.")
@with_appcontext
@with_error_handling
def roles(owner: str, service: str, *, apply: bool) -> None:
    """Print the SQL that makes PostgreSQL's two roles.

    They are the owner of the tables and the service. It is for a superuser. With --apply it is
    run, and two passwords are asked for, or read from the lines of standard input: the owner's and
    the service's. It may be repeated.
    """
    names = RoleNames(owner, service)
    if not apply:
        click.echo(provided(DatabaseRoles).script(names), nl=False)
        return
    passwords = [ask_for_password(f"Password of {name}") for name in (owner, service)]
    provided(DatabaseRoles).apply(names, passwords)
    click.echo(f"{owner} owns the tables and runs the migrations; the service is {service}.")
