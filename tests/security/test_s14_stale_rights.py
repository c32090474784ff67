"""S14: rights that were taken away still work for whoever was logged in."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, Login, add_user, open_login
from support.answers import verdict
from support.paths import REFRESH, USERS
from userapi.kit.principal import Role
from web.callers import cases

pytestmark = pytest.mark.any_database

Loss = Callable[[FlaskClient, str, Headers], TestResponse]
"""How an admin loses access: by a request to her path, with another admin's token."""

LOSSES: dict[str, Loss] = {
    "deactivation": lambda client, path, headers: client.patch(
        path, json={"is_active": False}, headers=headers
    ),
    "deletion": lambda client, path, headers: client.delete(path, headers=headers),
}


@pytest.fixture
def second(client: FlaskClient, db_session: Session, password_hash: str) -> tuple[Account, Login]:
    """An admin beside the first one, logged in before anything is taken away."""
    admin = add_user(db_session, password_hash, email="second@example.com", role=Role.ADMIN)
    return admin, open_login(client, admin)


@cases(LOSSES)
def test_s14_an_admin_without_access_does_nothing_more(
    client: FlaskClient,
    user: Account,
    second: tuple[Account, Login],
    admin_headers: Headers,
    case: Loss,
) -> None:
    admin, login = second

    lost = case(client, admin.path, admin_headers)

    refused = [
        client.get(USERS, headers=login.access),
        client.delete(user.path, headers=login.access),
        client.post(REFRESH, headers=login.refresh),
    ]
    assert lost.status_code in {200, 204}
    assert [verdict(answer) for answer in refused] == [(401, "session-ended")] * 3
    assert client.get(user.path, headers=admin_headers).status_code == 200
