"""A change of address that is undone: whoever made it knew the password."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, log_in, open_login, register, try_login
from support.addresses import NEW, change_email, leave_unproven, prove, undo, verify
from support.answers import verdict
from support.events import written
from support.mailbox import Mailbox
from support.paths import ME, PASSWORD_RESET, REFRESH
from support.reset_links import forget
from support.rows import column_of, set_columns
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role


def take_over(client: FlaskClient, mailbox: Mailbox, account: Account, email: str) -> str:
    """Change an account's address; return the token that undoes that."""
    change_email(client, log_in(client, account), email)
    mailbox.deliver()
    assert verify(client, mailbox.last(to=email).token).status_code == 200
    mailbox.deliver()
    return mailbox.last(to=account.email).token


@pytest.fixture
def owner(db_session: Session, user: Account) -> Account:
    """A user whose address is proven."""
    prove(db_session, user.id)
    return user


def with_new_address(owner: Account) -> Account:
    """Return the account as it is with the address of somebody who knew the password."""
    return Account(owner.id, NEW)


@pytest.fixture
def token(client: FlaskClient, mailbox: Mailbox, owner: Account) -> str:
    """The link that the owner of the old address was mailed."""
    return take_over(client, mailbox, owner, NEW)


def test_the_account_has_its_old_address_again(
    client: FlaskClient, db_session: Session, owner: Account, token: str
) -> None:
    answer = undo(client, token)

    assert answer.status_code == 200
    assert answer.get_json() == {"email": owner.email, "email_verified": True}
    assert column_of(db_session, owner.id, "email") == owner.email
    assert column_of(db_session, owner.id, "email_verified_at") is not None


def test_everything_that_was_opened_ends(client: FlaskClient, owner: Account, token: str) -> None:
    login = open_login(client, with_new_address(owner))

    undo(client, token)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401


def test_the_password_works_no_more_with_either_address(
    client: FlaskClient, owner: Account, token: str
) -> None:
    undo(client, token)

    for account in (owner, with_new_address(owner)):
        answer = try_login(client, account.email, account.password)
        assert verdict(answer) == (401, "invalid-credentials")


def test_the_old_address_gets_a_link_by_which_another_password_is_chosen(
    client: FlaskClient, mailbox: Mailbox, owner: Account, token: str
) -> None:
    undo(client, token)
    mailbox.deliver()

    mail = mailbox.last(to=owner.email)
    assert "/links/reset#uao_" in mail.link
    chosen = client.post(PASSWORD_RESET, json={"token": mail.token, "new_password": "enigma bombe"})
    assert chosen.status_code == 204
    assert try_login(client, owner.email, "enigma bombe").status_code == 200


def test_no_stranger_keeps_that_link_from_the_owner_by_using_up_the_mailboxs_mails(
    client: FlaskClient, mailbox: Mailbox, owner: Account, token: str
) -> None:
    """Whoever took the account over leaves its owner with a void password and no mail."""
    register(client, email=owner.email)
    for _ in range(5):
        forget(client, owner.email)
        mailbox.deliver()
    mailbox.clear()

    undo(client, token)
    mailbox.deliver()

    assert "/links/reset#uao_" in mailbox.last(to=owner.email).text


def test_the_other_address_is_told_without_a_link(
    client: FlaskClient, mailbox: Mailbox, token: str
) -> None:
    undo(client, token)
    mailbox.deliver()

    mail = mailbox.last(to=NEW)
    assert mail.subject == "The e-mail address of your account was changed"
    assert "uao_" not in mail.text + mail.html


def test_a_link_works_once(client: FlaskClient, token: str) -> None:
    undo(client, token)

    assert verdict(undo(client, token)) == (403, "link-invalid")


def test_it_proves_no_address(client: FlaskClient, token: str) -> None:
    assert verdict(verify(client, token)) == (403, "link-invalid")


def test_a_second_change_does_not_void_it(
    client: FlaskClient,
    db_session: Session,
    mailbox: Mailbox,
    owner: Account,
    token: str,
) -> None:
    take_over(client, mailbox, with_new_address(owner), "third@example.com")

    assert undo(client, token).status_code == 200
    assert column_of(db_session, owner.id, "email") == owner.email


def test_it_voids_the_links_of_later_changes(
    client: FlaskClient, mailbox: Mailbox, owner: Account, token: str
) -> None:
    later = take_over(client, mailbox, with_new_address(owner), "third@example.com")
    undo(client, token)

    assert verdict(undo(client, later)) == (403, "link-invalid")


def test_to_undo_a_later_change_leaves_the_first_link(
    client: FlaskClient,
    db_session: Session,
    mailbox: Mailbox,
    owner: Account,
    token: str,
) -> None:
    later = take_over(client, mailbox, with_new_address(owner), "third@example.com")

    assert undo(client, later).status_code == 200
    assert undo(client, token).status_code == 200
    assert column_of(db_session, owner.id, "email") == owner.email


def test_it_voids_a_change_that_was_only_asked_for(
    client: FlaskClient, mailbox: Mailbox, owner: Account, token: str
) -> None:
    change_email(client, log_in(client, with_new_address(owner)), "third@example.com")
    mailbox.deliver()
    undo(client, token)

    answer = verify(client, mailbox.last(to="third@example.com").token)
    assert verdict(answer) == (403, "link-invalid")


def test_an_account_that_has_not_proven_the_old_address_is_closed(
    client: FlaskClient, db_session: Session, owner: Account, token: str
) -> None:
    squatter = register(client, email=owner.email).get_json()["id"]

    assert undo(client, token).status_code == 200
    assert column_of(db_session, squatter, "deleted_at") is not None
    assert column_of(db_session, owner.id, "email") == owner.email


@pytest.mark.parametrize("kept_by", ["proof", "being the last admin"])
def test_an_account_that_keeps_the_old_address_keeps_it(
    client: FlaskClient, db_session: Session, owner: Account, token: str, kept_by: str
) -> None:
    squatter = register(client, email=owner.email).get_json()["id"]
    if kept_by == "proof":
        prove(db_session, squatter)
    else:
        leave_unproven(db_session, squatter)
        set_columns(db_session, squatter, role=Role.ADMIN)

    assert verdict(undo(client, token)) == (409, "email-taken")
    assert column_of(db_session, owner.id, "email") == NEW


def test_it_is_in_the_audit_trail(
    client: FlaskClient, db_session: Session, owner: Account, token: str
) -> None:
    undo(client, token)

    events = [(it.event, it.actor_id, it.subject_id) for it in written(db_session)]
    assert ("email:change-undone", owner.id, owner.id) in events


@pytest.fixture
def closed(client: FlaskClient, owner: Account, token: str) -> str:
    """The same link, after whoever changed the address has closed the account."""
    thief = with_new_address(owner)
    headers = log_in(client, thief)
    answer = client.post(f"{ME}/close", json={"password": thief.password}, headers=headers)
    assert answer.status_code == 204
    return token


def test_who_closed_the_account_is_not_who_gets_it_back(
    client: FlaskClient, owner: Account, closed: str, admin_headers: Headers
) -> None:
    assert undo(client, closed).status_code == 200

    assert client.get(owner.path, headers=admin_headers).status_code == 404
    restored = client.post(f"{owner.path}/restore", headers=admin_headers)
    assert restored.get_json()["email"] == owner.email
    for account in (owner, with_new_address(owner)):
        answer = try_login(client, account.email, account.password)
        assert verdict(answer) == (401, "invalid-credentials")


def test_it_works_still_once_the_account_is_restored(
    client: FlaskClient, db_session: Session, owner: Account, closed: str, admin_headers: Headers
) -> None:
    client.post(f"{owner.path}/restore", headers=admin_headers)

    assert undo(client, closed).status_code == 200
    assert column_of(db_session, owner.id, "email") == owner.email


def test_whoever_has_the_address_of_a_closed_account_keeps_it(
    client: FlaskClient, db_session: Session, owner: Account, closed: str, admin_headers: Headers
) -> None:
    successor = register(client, email=owner.email).get_json()["id"]
    prove(db_session, successor)

    assert undo(client, closed).status_code == 200
    assert column_of(db_session, successor, "deleted_at") is None
    restored = client.post(f"{owner.path}/restore", headers=admin_headers)
    assert verdict(restored) == (409, "email-taken")


def test_a_squatter_does_not_keep_the_account_from_being_restored(
    client: FlaskClient, db_session: Session, owner: Account, closed: str, admin_headers: Headers
) -> None:
    undo(client, closed)
    squatter = register(client, email=owner.email).get_json()["id"]

    restored = client.post(f"{owner.path}/restore", headers=admin_headers)

    assert restored.get_json()["email"] == owner.email
    assert column_of(db_session, squatter, "deleted_at") is not None


def test_an_account_that_was_erased_has_no_address_to_get_back(
    client: FlaskClient, db_session: Session, owner: Account, closed: str
) -> None:
    set_columns(db_session, owner.id, erased_at=utc_now())

    assert verdict(undo(client, closed)) == (403, "link-invalid")


def test_who_can_undo_a_change_is_told_when_the_account_is_closed(
    mailbox: Mailbox, owner: Account, closed: str
) -> None:
    mailbox.deliver()

    mail = mailbox.last(to=owner.email)
    assert mail.subject == "Your account was closed"
    assert "it puts" in mail.text
    assert "uao_" not in mail.text + mail.html
