"""S13: whoever registers the address of a deleted user gets what that user had.

As in CVE-2026-55670. That the new user has another id and neither posts nor sessions is shown in
tests/registration/test_freed_address.py.
"""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, Account, Headers, add_user, log_in, register
from support.answers import verdict
from userapi.kit.principal import Role


def test_s13_the_address_of_a_deleted_admin_makes_nobody_an_admin(
    client: FlaskClient,
    db_session: Session,
    password_hash: str,
    user: Account,
    admin_headers: Headers,
) -> None:
    deleted = add_user(db_session, password_hash, email="second@example.com", role=Role.ADMIN)
    client.delete(deleted.path, headers=admin_headers)

    registered = register(client, email=deleted.email).get_json()

    headers = log_in(client, Account(registered["id"], deleted.email, REGISTRATION["password"]))
    answer = client.delete(user.path, headers=headers)
    assert registered["is_admin"] is False
    assert verdict(answer) == (403, "not-allowed")
