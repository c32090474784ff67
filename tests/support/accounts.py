"""Users that exist, and their logins."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.paths import LOGIN, USERS
from userapi.kit.principal import Role
from userapi.users.models import User

Headers = dict[str, str]
"""The headers of a request."""

PASSWORD = "correct horse battery"
"""The password of every account."""

REGISTRATION = {
    "email": "alan@example.com",
    "password": "enigma bombe",
    "first_name": "Alan",
    "last_name": "Turing",
}
"""What somebody sends who has no account yet."""


@dataclass(frozen=True)
class Account:
    """A user that exists, as a test knows it: plain values."""

    id: int
    email: str
    password: str = PASSWORD

    @property
    def path(self) -> str:
        """Where the API has this user."""
        return f"{USERS}/{self.id}"


@dataclass(frozen=True)
class Login:
    """A login's access token and refresh token, each as the headers of a request."""

    access: Headers
    refresh: Headers


def add_user(
    session: Session, password_hash: str, *, email: str, role: Role = Role.USER
) -> Account:
    """Commit a user and return what a test may know of it."""
    user = User(
        email=email,
        password_hash=password_hash,
        first_name="Ada",
        last_name="Lovelace",
        role=role,
    )
    session.add(user)
    session.commit()
    return Account(id=user.id, email=email)


def bearer(token: str) -> Headers:
    """Return the headers of a request with that token."""
    return {"Authorization": f"Bearer {token}"}


def try_login(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Try to log in."""
    return client.post(LOGIN, json={"email": email, "password": password})


def open_login(client: FlaskClient, account: Account) -> Login:
    """Log in and return both tokens."""
    tokens = try_login(client, account.email, account.password).get_json()
    return Login(access=bearer(tokens["access_token"]), refresh=bearer(tokens["refresh_token"]))


def log_in(client: FlaskClient, account: Account) -> Headers:
    """Log in and return the headers of the requests that follow."""
    return open_login(client, account).access


def register(client: FlaskClient, **changes: Any) -> TestResponse:
    """Send the registration with some fields changed."""
    return client.post(USERS, json=REGISTRATION | changes)
