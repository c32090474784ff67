"""All spellings of a mailbox are one account; none is that of somebody else's."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, add_user, register, try_login
from support.answers import assert_invalid, verdict
from support.rows import column_of
from userapi.web.fields import SPECIAL_USE_ADDRESSES

pytestmark = pytest.mark.any_database

PASSWORD = REGISTRATION["password"]
MAILBOXES = {
    "ada@example.com": ["ADA@Example.COM", '"ada"@example.com', r'"\ada"@example.com'],
    '"ada l"@example.com': [r'"ada\ l"@example.com', '"Ada L"@example.com'],
    "ada@xn--exmple-cua.de": ["ada@exämple.de", "Ada@EXÄMPLE.de", "ada@XN--exmple-cua.de"],
}
"""Canonical addresses, each with other spellings of it."""
SPELLINGS = [(stored, other) for stored, others in MAILBOXES.items() for other in others]


@pytest.fixture
def as_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no names of special use."""
    monkeypatch.setitem(app.config, SPECIAL_USE_ADDRESSES, False)


@pytest.mark.parametrize(("stored", "spelling"), SPELLINGS)
def test_s41_all_spellings_of_a_mailbox_are_one_account(
    client: FlaskClient, db_session: Session, stored: str, spelling: str
) -> None:
    registered = register(client, email=spelling).get_json()

    assert registered["email"] == stored == column_of(db_session, registered["id"], "email")
    for again in (stored, *MAILBOXES[stored]):
        assert verdict(register(client, email=again)) == (409, "email-taken")
        assert try_login(client, again, PASSWORD).status_code == 200


@pytest.mark.any_database
@pytest.mark.parametrize(
    "spelling",
    [
        *("ada\u200b@example.com", "\uff41da@example.com", "ada@\uff45xample.com"),
        *("ada@example\u3002com", "ada@exam\u00adple.com", "ada@e\u017fample.com"),
    ],
)
def test_s41_what_looks_like_an_address_is_not_taken_for_it(
    client: FlaskClient, spelling: str
) -> None:
    register(client, email="ada@example.com")

    assert_invalid(register(client, email=spelling), "/email", "email")
    assert_invalid(try_login(client, spelling, PASSWORD), "/email", "email")


@pytest.mark.any_database
def test_s41_a_domain_with_a_dotless_i_is_another_one(client: FlaskClient) -> None:
    register(client, email="ada@mail.example.com")

    another = register(client, email="ada@ma\u0131l.example.com")

    assert another.get_json()["email"] == "ada@xn--mal-kua.example.com"


@pytest.mark.usefixtures("as_in_production")
@pytest.mark.parametrize(
    "email",
    [
        *("ada@[127.0.0.1]", "ada@example.123", "ada@localhost", "ada@example.test"),
        *('"ada"@example.com', r'"a\ da"@example.com', f"{'a' * 65}@example.com"),
    ],
)
def test_an_account_from_before_logs_in(
    client: FlaskClient,
    db_session: Session,
    password_hash: str,
    email: str,
) -> None:
    account = add_user(db_session, password_hash, email=email)

    assert try_login(client, email.upper(), account.password).status_code == 200


def test_two_accounts_from_before_with_one_mailbox_stay_apart(
    client: FlaskClient, db_session: Session, password_hash: str
) -> None:
    add_user(db_session, password_hash, email='"alan"@example.com')
    register(client, email="alan@example.com")

    assert try_login(client, "alan@example.com", PASSWORD).status_code == 200
    assert try_login(client, '"alan"@example.com', PASSWORD).status_code == 401
    assert try_login(client, '"alan"@example.com').status_code == 200


@pytest.mark.any_database
@pytest.mark.usefixtures("as_in_production")
@pytest.mark.parametrize("email", ["ada@localhost", "ada@mail.test", "ada@printer.local"])
def test_in_production_nobody_registers_with_a_name_of_special_use(
    client: FlaskClient, email: str
) -> None:
    assert_invalid(register(client, email=email), "/email", "email")


@pytest.mark.any_database
def test_elsewhere_a_name_of_special_use_is_an_address(client: FlaskClient) -> None:
    assert register(client, email="ada@localhost").status_code == 201
