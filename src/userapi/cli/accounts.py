"""`userapi create-admin`, `set-role`, `unlock` and `seed-db`."""

import click
from flask.cli import with_appcontext
from marshmallow import ValidationError

from userapi.cli.error_handling import with_error_handling
from userapi.config.settings import Settings
from userapi.kit.principal import Role
from userapi.kit.text import canonical_email, printable
from userapi.posts.service import PostDraft, PostService
from userapi.registration.errors import EmailTaken
from userapi.registration.schemas import UserCreateSchema
from userapi.registration.service import Registration, RegistrationService
from userapi.throttling.service import UnlockService
from userapi.users.errors import UserNotFound
from userapi.users.models import User
from userapi.users.service import UserService
from userapi.web.services import provided

ADMIN_EMAIL = "admin@example.com"
MODERATOR_EMAIL = "moderator@example.com"
_ADMIN_PASSWORD = "admin123"  # noqa: S105 - development data, refused in production
_MODERATOR_PASSWORD = "moderator123"  # noqa: S105 - development data, refused in production
_USER_PASSWORD = "password123"  # noqa: S105 - development data, refused in production
_PEOPLE = (
    ("Ada", "Lovelace"),
    ("Grace", "Hopper"),
    ("Alan", "Turing"),
    ("Katherine", "Johnson"),
    ("Edsger", "Dijkstra"),
)
_POSTS_EACH = 2


@click.command("create-admin")
@click.argument("email")
@click.argument("password", required=False)
@click.option("--first-name", default="Admin", show_default=True)
@click.option("--last-name", default="User", show_default=True)
@with_appcontext
@with_error_handling
def create_admin(email: str, password: str | None, first_name: str, last_name: str) -> None:
    """Make an administrator with that EMAIL; asks for the PASSWORD when it is not given."""
    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    registration = _validated(email, password, first_name, last_name)
    user = provided(RegistrationService).create(registration, Role.ADMIN)
    click.echo(f"Created the administrator {user.email} with id {user.id}.")


@click.command("set-role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@with_appcontext
@with_error_handling
def set_role(email: str, role: str) -> None:
    """Give the user with that EMAIL that ROLE; it counts from the user's next request on."""
    try:
        user = provided(UserService).assign_role(canonical_email(email), Role(role))
    except UserNotFound as error:
        message = f"no user has the e-mail address {email}"
        raise click.ClickException(message) from error
    click.echo(f"The role of {user.email} is {user.role}.")


@click.command("unlock")
@click.argument("email")
@with_appcontext
@with_error_handling
def unlock(email: str) -> None:
    """Forget the failed logins with that EMAIL, so that delays and stops are over at once."""
    try:
        provided(UnlockService).unlock_address(email)
    except UserNotFound as error:
        message = f"no user has the address {printable(email)}"
        raise click.ClickException(message) from error
    click.echo(f"Unlocked {printable(email)}.")


@click.command("seed-db")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are users already.")
@with_appcontext
@with_error_handling
def seed_db(*, if_empty: bool) -> None:
    """Fill a development database with an admin, a moderator, five users and some posts.

    What exists already is left as it is.
    """
    if provided(Settings).is_production:
        message = "seed-db makes accounts with known passwords; it does not run in production"
        raise click.ClickException(message)
    if if_empty and provided(RegistrationService).any_exist():
        click.echo("There are users already; nothing was added.")
        return
    _seed_user(_validated(ADMIN_EMAIL, _ADMIN_PASSWORD, "Admin", "User"), Role.ADMIN)
    _seed_user(
        _validated(MODERATOR_EMAIL, _MODERATOR_PASSWORD, "Moderator", "User"), Role.MODERATOR
    )
    for number, (first_name, last_name) in enumerate(_PEOPLE, start=1):
        email = f"user{number}@example.com"
        _seed_user(_validated(email, _USER_PASSWORD, first_name, last_name), Role.USER)


def _seed_user(registration: Registration, role: Role) -> None:
    try:
        user = provided(RegistrationService).create(registration, role)
    except EmailTaken:
        click.echo(f"{registration.email} exists already")
        return
    click.echo(f"created {role} {user.email} / {registration.password}")
    if role is Role.USER:
        _seed_posts(user)


def _seed_posts(author: User) -> None:
    for number in range(1, _POSTS_EACH + 1):
        draft = PostDraft(
            title=f"Post {number} of {author.first_name}",
            content=f"{author.full_name} wrote this to have something to show.",
        )
        post = provided(PostService).publish(author.id, draft)
        click.echo(f"created post {post.id} of {author.email}")


def _validated(email: str, password: str, first_name: str, last_name: str) -> Registration:
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
