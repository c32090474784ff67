"""S19: a secret is read or used up by a GET, which mail scanners, proxies and logs repeat.

As in CVE-2021-21241.
"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contract.operations import Operation
from security.walking import Walker
from support.accounts import PASSWORD, REGISTRATION, Account, open_login, register, try_login
from support.addresses import verify
from support.applications import settings_of
from support.mailbox import Mailbox
from support.paths import EMAIL_UNDO, EMAIL_VERIFY, ME, REFRESH
from userapi.config.secrets import SecretSettings

pytestmark = pytest.mark.any_database


def reading(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.method == "GET"]


def secrets_in(text: str, app: Flask) -> list[str]:
    """Return which secrets a text has: passwords and hashes, tokens, the keys."""
    own = settings_of(app).of(SecretSettings)
    secrets = [PASSWORD, "argon2", "eyJ", own.secret_key, own.jwt_secret_key]
    return [secret for secret in secrets if secret in text]


def test_s19_no_answer_to_a_get_has_a_secret(
    app: Flask,
    client: FlaskClient,
    admin_user: Account,
    walker: Walker,
    operations: list[Operation],
) -> None:
    answers = {it.name: walker.call(it) for it in reading(operations)}

    telling = [name for name, answer in answers.items() if secrets_in(answer.text, app)]
    assert {"get_current_user", "list_users"} <= {
        name for name, answer in answers.items() if answer.status_code == 200
    }
    assert telling == []
    assert secrets_in(try_login(client, admin_user.email).text, app) == ["eyJ"]


def test_s19_reading_ends_or_uses_up_nothing(
    client: FlaskClient, admin_user: Account, walker: Walker, operations: list[Operation]
) -> None:
    login = open_login(client, admin_user)

    for operation in reading(operations):
        for method in ("GET", "HEAD"):
            walker.call(operation, method=method, headers=login.access)

    assert client.get(ME, headers=login.access).status_code == 200
    assert client.post(REFRESH, headers=login.refresh).status_code == 200


def test_s19_no_get_takes_a_refresh_token(operations: list[Operation]) -> None:
    taking = [it.name for it in reading(operations) if "refreshAuth" in str(it.facts["security"])]

    assert taking == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_s19_opening_a_link_uses_up_nothing(
    client: FlaskClient, mailbox: Mailbox, method: str
) -> None:
    register(client)
    mailbox.deliver()
    token = mailbox.last(to=REGISTRATION["email"]).token

    for path in (EMAIL_VERIFY, EMAIL_UNDO, "/links/verify"):
        client.open(f"{path}?token={token}", method=method, json={"token": token})

    assert verify(client, token).status_code == 200
