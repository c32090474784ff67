"""Admins invite people."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from invitations.invited import ALAN, expire_invitations, invite
from support.accounts import Account, Headers
from support.addresses import leave_unproven
from support.answers import assert_invalid, verdict
from support.applications import settings_of
from support.events import written
from support.paths import INVITATIONS
from support.queued_mails import queued_mails
from userapi.db.session import ScopedSession
from userapi.invitations.events import InvitationEvent
from userapi.mail.links import LinkKind
from userapi.mail.models import MailRow
from userapi.mail.service import Mailer, MailPolicy
from userapi.mail.settings import MailSettings
from userapi.web.services import provided


def states(client: FlaskClient, headers: Headers) -> list[tuple[str, str]]:
    """Return the role and the state of each invitation, the newest first."""
    answer = client.get(INVITATIONS, headers=headers)
    assert answer.status_code == 200, answer.text
    listed = answer.get_json()["invitations"]
    return [(invitation["role"], invitation["state"]) for invitation in listed]


def test_an_invitation_is_answered_and_mailed(
    client: FlaskClient,
    admin_user: Account,
    admin_headers: Headers,
    app: Flask,
    db_session: Session,
) -> None:
    answer = invite(client, admin_headers, role="moderator", language="de", expires_in_days=3)

    invitation = answer.get_json()
    assert answer.status_code == 201
    assert invitation["email"] == ALAN
    assert (invitation["role"], invitation["state"]) == ("moderator", "open")
    assert invitation["invited_by"] == admin_user.id
    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.recipient, mail.language) == ("invitation", ALAN, "de")
    assert mail.link is not None
    assert mail.link.kind is LinkKind.INVITE
    assert mail.token not in answer.text


def test_an_invitation_is_read_as_it_was_answered(
    client: FlaskClient, admin_headers: Headers
) -> None:
    invited = invite(client, admin_headers).get_json()

    assert client.get(f"{INVITATIONS}/{invited['id']}", headers=admin_headers).get_json() == invited
    (listed,) = client.get(INVITATIONS, headers=admin_headers).get_json()["invitations"]
    assert listed == invited


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "ada", "email"),
        ("role", "root", "choice"),
        ("expires_in_days", 0, "range"),
        ("expires_in_days", 31, "range"),
        ("expires_in_days", 1.5, "type"),
        ("expires_in_days", True, "type"),
    ],
)
def test_a_draft_that_is_none_is_refused(
    client: FlaskClient, admin_headers: Headers, field: str, value: Any, code: str
) -> None:
    assert_invalid(invite(client, admin_headers, **{field: value}), f"/{field}", code)


def test_who_has_an_account_is_not_invited(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = invite(client, admin_headers, email=user.email.upper())

    assert verdict(answer) == (409, "email-taken")


def test_an_account_that_gives_up_its_address_does_not_keep_its_owner_from_being_invited(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    leave_unproven(db_session, user.id)

    assert invite(client, admin_headers, email=user.email).status_code == 201


def test_an_invitation_replaces_the_one_before(
    client: FlaskClient, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    invite(client, admin_headers)
    first = {mail.token for mail in queued_mails(app, db_session)}
    invite(client, admin_headers, role="moderator")

    assert states(client, admin_headers) == [("moderator", "open"), ("user", "revoked")]
    (waiting,) = queued_mails(app, db_session)
    assert waiting.token not in first


def test_an_expired_invitation_is_replaced_too(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    invite(client, admin_headers)
    expire_invitations(db_session)
    assert states(client, admin_headers) == [("user", "expired")]

    assert invite(client, admin_headers).status_code == 201


def test_a_revoked_invitation_is_mailed_no_more(
    client: FlaskClient, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    invited = invite(client, admin_headers).get_json()
    answer = client.delete(f"{INVITATIONS}/{invited['id']}", headers=admin_headers)

    assert answer.status_code == 204
    assert states(client, admin_headers) == [("user", "revoked")]
    path = f"{INVITATIONS}/{invited['id']}"
    assert verdict(client.get(path, headers=admin_headers)) == (404, "invitation-not-found")
    assert queued_mails(app, db_session) == []


def test_an_invitation_that_is_over_is_not_revoked(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    invited = invite(client, admin_headers).get_json()
    expire_invitations(db_session)

    answer = client.delete(f"{INVITATIONS}/{invited['id']}", headers=admin_headers)

    assert verdict(answer) == (409, "invitation-ended")


@pytest.mark.any_database
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_invitation_is_not_found(
    client: FlaskClient, admin_headers: Headers, method: str
) -> None:
    path = f"{INVITATIONS}/0b5e8a3c-2f1d-4c56-9e0a-7d1f3b2c4e5f"
    answer = client.open(path, method=method, headers=admin_headers)

    assert verdict(answer) == (404, "invitation-not-found")


def test_the_audit_trail_tells_of_invitations_and_not_of_addresses(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    invited = invite(client, admin_headers).get_json()
    client.delete(f"{INVITATIONS}/{invited['id']}", headers=admin_headers)

    told = [
        event
        for event in written(db_session)
        if event.event in {InvitationEvent.CREATED, InvitationEvent.REVOKED}
    ]
    assert [(event.actor_id, event.object_id) for event in told] == [
        (admin_user.id, invited["id"])
    ] * 2
    assert [event.details for event in told] == [{"role": "user"}, {}]


def test_too_many_mails_to_one_address_change_nothing(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    per_hour = settings_of(client.application).of(MailSettings).per_hour // 2
    for _ in range(per_hour):
        assert invite(client, admin_headers).status_code == 201
        db_session.execute(update(MailRow).values(sent_at=MailRow.created_at))
        db_session.commit()

    answer = invite(client, admin_headers, role="admin")

    assert verdict(answer) == (409, "invitation-not-mailed")
    assert states(client, admin_headers)[0] == ("user", "open")


def test_nobody_is_invited_where_no_mail_is_sent(
    client: FlaskClient,
    admin_headers: Headers,
    scoped_session: ScopedSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provided(Mailer), "_policy", MailPolicy(is_on=False, per_hour=10))

    answer = invite(client, admin_headers)

    assert verdict(answer) == (409, "invitation-not-mailed")
    assert states(client, admin_headers) == []
