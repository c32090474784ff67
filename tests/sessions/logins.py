"""Whole logins: both tokens, each as the headers of a request."""

from dataclasses import dataclass

from flask.testing import FlaskClient

from support.accounts import Account


@dataclass(frozen=True)
class Login:
    """A login's access token and refresh token, each as a request's headers."""

    access: dict[str, str]
    refresh: dict[str, str]


def bearer(token: str) -> dict[str, str]:
    """Return the headers of a request with that token."""
    return {"Authorization": f"Bearer {token}"}


def open_login(client: FlaskClient, account: Account) -> Login:
    """Log in."""
    answer = client.post(
        "/api/v1/auth/login", json={"email": account.email, "password": account.password}
    )
    tokens = answer.get_json()
    return Login(access=bearer(tokens["access_token"]), refresh=bearer(tokens["refresh_token"]))
