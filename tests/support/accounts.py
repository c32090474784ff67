"""Users that exist, and their logins."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from userapi.users.models import User

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Account:
    """A user that exists, as a test knows it: plain values."""

    id: int
    email: str
    password: str = PASSWORD


def add_user(
    session: Session, password_hash: str, *, email: str, is_admin: bool = False
) -> Account:
    """Commit a user and return what a test may know of it."""
    user = User(
        email=email,
        password_hash=password_hash,
        first_name="Ada",
        last_name="Lovelace",
        is_admin=is_admin,
    )
    session.add(user)
    session.commit()
    return Account(id=user.id, email=email)


def log_in(client: FlaskClient, account: Account) -> dict[str, str]:
    """Log in and return the headers of the requests that follow."""
    response = client.post(
        "/api/v1/auth/login", json={"email": account.email, "password": account.password}
    )
    return {"Authorization": f"Bearer {response.get_json()['access_token']}"}
