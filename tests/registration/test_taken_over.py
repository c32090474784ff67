"""An address that was never proven goes to whoever proves it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from support.accounts import (
    REGISTRATION,
    Account,
    Headers,
    Login,
    log_in,
    open_login,
    register,
    try_login,
)
from support.addresses import leave_unproven, prove, resend, verify, waiting
from support.answers import verdict
from support.events import written
from support.mailbox import Mailbox
from support.paths import ME, REFRESH
from support.rows import NOON, column_of, set_columns
from userapi.kit.principal import Role
from userapi.mail.models import MailRow
from userapi.registration.policy import MAX_WAITING
from userapi.users.policy import KEPT_UNPROVEN_FOR


@pytest.fixture
def squatted(db_session: Session, user: Account) -> Account:
    """An account that has had its address for seven days without proof."""
    leave_unproven(db_session, user.id)
    return user


@pytest.fixture
def token(client: FlaskClient, mailbox: Mailbox, squatted: Account) -> str:
    """The link of a registration that waits for that address."""
    register(client, email=squatted.email)
    mailbox.deliver()
    return mailbox.last(to=squatted.email).token


def test_a_registration_waits_beside_the_account_that_has_the_address(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, squatted: Account
) -> None:
    answer = register(client, email=squatted.email)

    assert answer.status_code == 202
    assert [*answer.get_json()] == ["message"]
    assert "Location" not in answer.headers
    assert "ETag" not in answer.headers
    mailbox.deliver()
    assert mailbox.last(to=squatted.email).subject == "Confirm your registration"
    assert try_login(client, squatted.email, squatted.password).status_code == 200


@pytest.mark.parametrize("arranged", ["proven", "younger", "from before"])
def test_any_other_account_keeps_its_address(
    client: FlaskClient, db_session: Session, user: Account, arranged: str
) -> None:
    if arranged == "proven":
        prove(db_session, user.id)
    if arranged == "younger":
        leave_unproven(db_session, user.id, KEPT_UNPROVEN_FOR - timedelta(minutes=1))

    assert verdict(register(client, email=user.email)) == (409, "email-taken")


def test_the_proof_makes_a_new_account_of_the_address(
    client: FlaskClient, squatted: Account, token: str
) -> None:
    assert verify(client, token).status_code == 200

    headers = log_in(client, Account(0, squatted.email, REGISTRATION["password"]))
    profile = client.get(ME, headers=headers).get_json()
    assert profile["id"] != squatted.id
    assert profile["email_verified"] is True
    assert profile["first_name"] == REGISTRATION["first_name"]


def test_the_proof_closes_the_old_account(
    client: FlaskClient, db_session: Session, squatted: Account, token: str
) -> None:
    old: Login = open_login(client, squatted)

    verify(client, token)

    assert column_of(db_session, squatted.id, "deleted_at") is not None
    assert client.get(ME, headers=old.access).status_code == 401
    assert client.post(REFRESH, headers=old.refresh).status_code == 401
    answer = try_login(client, squatted.email, squatted.password)
    assert verdict(answer) == (401, "invalid-credentials")
    assert ("account:replaced", squatted.id) in [
        (it.event, it.subject_id) for it in written(db_session)
    ]


def test_once_the_old_account_is_proven_what_waits_is_void(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, squatted: Account
) -> None:
    resend(client, squatted.email)
    mailbox.deliver()
    own = mailbox.last(to=squatted.email)
    assert own.subject == "Confirm your e-mail address"
    register(client, email=squatted.email)
    mailbox.deliver()
    assert verify(client, own.token).status_code == 200

    late = mailbox.last(to=squatted.email).token
    assert verdict(verify(client, late)) == (403, "link-invalid")
    assert column_of(db_session, squatted.id, "deleted_at") is None


def test_an_account_that_was_proven_behind_our_back_stays(
    client: FlaskClient, db_session: Session, squatted: Account, token: str
) -> None:
    prove(db_session, squatted.id)

    assert verdict(verify(client, token)) == (409, "email-taken")
    assert waiting(db_session) == 1


def test_the_last_admin_stays(
    client: FlaskClient, db_session: Session, squatted: Account, token: str
) -> None:
    set_columns(db_session, squatted.id, role=Role.ADMIN)

    assert verdict(verify(client, token)) == (409, "email-taken")


def test_an_admin_goes_where_there_is_another(
    client: FlaskClient,
    db_session: Session,
    squatted: Account,
    token: str,
    admin_headers: Headers,
) -> None:
    set_columns(db_session, squatted.id, role=Role.ADMIN)

    assert verify(client, token).status_code == 200


def forget_the_hour(session: Session) -> None:
    """Let a mailbox have mails again."""
    session.execute(update(MailRow).values(created_at=NOON))
    session.commit()


def test_of_one_address_only_so_many_registrations_wait(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, squatted: Account
) -> None:
    for _ in range(MAX_WAITING + 1):
        register(client, email=squatted.email)
        mailbox.deliver()
        forget_the_hour(db_session)

    oldest, *newer = [mail.token for mail in mailbox.all(to=squatted.email)]
    assert waiting(db_session) == MAX_WAITING
    assert verdict(verify(client, oldest)) == (403, "link-invalid")
    assert verify(client, newer[0]).status_code == 200
    assert waiting(db_session) == 0
    assert verdict(verify(client, newer[1])) == (403, "link-invalid")


def test_nobody_displaces_a_registration_within_an_hour(
    client: FlaskClient, mailbox: Mailbox, squatted: Account
) -> None:
    register(client, email=squatted.email)
    mailbox.deliver()
    first = mailbox.last(to=squatted.email).token
    for _ in range(MAX_WAITING):
        register(client, email=squatted.email, password="another good one")

    assert verify(client, first).status_code == 200


def test_a_registration_whose_mail_is_dropped_displaces_none(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, squatted: Account
) -> None:
    answers = [register(client, email=squatted.email) for _ in range(10)]
    mailbox.deliver()

    assert {answer.status_code for answer in answers} == {202}
    tokens = [mail.token for mail in mailbox.all(to=squatted.email)]
    assert len(tokens) < len(answers)
    assert verify(client, tokens[-1]).status_code == 200
