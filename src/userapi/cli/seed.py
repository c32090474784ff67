"""`userapi seed-db`: people and posts to try things with."""

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.config.settings import Settings
from userapi.kit.principal import Role
from userapi.posts.service import PostDraft, PostService
from userapi.registration.records import Registration
from userapi.registration.services.registration import RegistrationService
from userapi.users.errors import EmailTaken
from userapi.users.records import UserRecord
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
KNOWN_ACCOUNTS = (
    (ADMIN_EMAIL, _ADMIN_PASSWORD),
    (MODERATOR_EMAIL, _MODERATOR_PASSWORD),
    ("user1@example.com", _USER_PASSWORD),
)
"""Accounts of the sample data whose passwords everybody knows: one of each role."""


@click.command("seed-db")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are users already.")
@with_appcontext
@with_error_handling
def seed_db(*, if_empty: bool) -> None:
    """Make people and posts to try things with.

    These are an admin, a moderator, five users and some posts, in a database for development.
    What exists already is left as it is.
    """
    if provided(Settings).is_production:
        message = "seed-db makes accounts with known passwords; it does not run in production"
        raise click.ClickException(message)
    if if_empty and provided(RegistrationService).any_exist():
        click.echo("There are users already; nothing was added.")
        return
    _seed_user(Registration(ADMIN_EMAIL, _ADMIN_PASSWORD, "Admin", "User"), Role.ADMIN)
    _seed_user(
        Registration(MODERATOR_EMAIL, _MODERATOR_PASSWORD, "Moderator", "User"), Role.MODERATOR
    )
    for number, (first_name, last_name) in enumerate(_PEOPLE, start=1):
        email = f"user{number}@example.com"
        _seed_user(Registration(email, _USER_PASSWORD, first_name, last_name), Role.USER)


def _seed_user(registration: Registration, role: Role) -> None:
    try:
        user = provided(RegistrationService).create_sample(registration, role)
    except EmailTaken:
        click.echo(f"{registration.email} exists already")
        return
    click.echo(f"created {role} {user.email} / {registration.password}")
    if role is Role.USER:
        _seed_posts(user)


def _seed_posts(author: UserRecord) -> None:
    for number in range(1, _POSTS_EACH + 1):
        draft = PostDraft(
            title=f"Post {number} of {author.first_name}",
            content=f"{author.full_name} wrote this to have something to show.",
        )
        post = provided(PostService).publish(author.id, draft)
        click.echo(f"created post {post.id} of {author.email}")
