"""Admins make accounts, whose owners choose the passwords."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from administration.contract import NEW_USER
from support.accounts import Account, Headers, add_user, try_login
from support.answers import verdict
from support.applications import application, settings_for_testing
from support.databases import engine_on
from support.events import written
from support.paths import ADMIN_USERS, USERS
from support.queued_mails import queued_mails
from support.signing_in import sign_in
from userapi.db.session import ScopedSession
from userapi.kit.principal import Role
from userapi.mail.links import LinkKind
from userapi.mail.service import Mailer, MailPolicy
from userapi.one_time_tokens.models import OneTimeToken
from userapi.registration.events import AccountEvent
from userapi.web.services import provided

RESET = "/api/v1/auth/password/reset"
ALAN = NEW_USER["email"]


def create(client: FlaskClient, headers: Headers, **changes: object) -> dict[str, object]:
    answer = client.post(ADMIN_USERS, json={**NEW_USER, **changes}, headers=headers)
    assert answer.status_code == 201, answer.text
    created: dict[str, object] = answer.get_json()
    return created


def test_an_admin_makes_an_account(
    client: FlaskClient, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    created = create(client, admin_headers, language="de")

    assert (created["role"], created["email_verified"]) == ("moderator", False)
    read = client.get(f"{USERS}/{created['id']}", headers=admin_headers)
    assert read.get_json() == created
    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.recipient, mail.language) == ("account-created", ALAN, "de")
    assert mail.link is not None
    assert mail.link.kind is LinkKind.RESET


def test_the_owner_chooses_a_password_which_proves_the_address(
    client: FlaskClient, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    created = create(client, admin_headers)
    (mail,) = queued_mails(app, db_session)

    answer = client.post(RESET, json={"token": mail.token, "new_password": "enigma bombe"})

    assert answer.status_code < 300
    assert try_login(client, ALAN, "enigma bombe").status_code == 200
    read = client.get(f"{USERS}/{created['id']}", headers=admin_headers).get_json()
    assert read["email_verified"] is True


def test_the_first_link_works_for_three_days(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    create(client, admin_headers)

    token = db_session.scalars(select(OneTimeToken)).one()
    assert token.expires_at - token.created_at == timedelta(days=3)


def test_nobody_logs_in_before_a_password_was_chosen(
    client: FlaskClient, admin_headers: Headers
) -> None:
    create(client, admin_headers)

    assert verdict(try_login(client, ALAN, "")) == (400, "invalid-input")
    assert verdict(try_login(client, ALAN, "none")) == (401, "invalid-credentials")


def test_a_taken_address_is_told(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = client.post(ADMIN_USERS, json={**NEW_USER, "email": user.email}, headers=admin_headers)

    assert verdict(answer) == (409, "email-taken")


def test_the_audit_trail_tells_who_made_the_account(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    created = create(client, admin_headers)

    (event,) = [it for it in written(db_session) if it.event == AccountEvent.CREATED]
    assert (event.actor_id, event.subject_id) == (admin_user.id, created["id"])


def test_no_account_is_made_where_no_mail_is_sent(
    client: FlaskClient,
    admin_headers: Headers,
    scoped_session: ScopedSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provided(Mailer), "_policy", MailPolicy(is_on=False, per_hour=10))

    answer = client.post(ADMIN_USERS, json=NEW_USER, headers=admin_headers)

    assert verdict(answer) == (409, "account-not-mailed")
    listed = client.get(USERS, headers=admin_headers).get_json()["users"]
    assert ALAN not in {user["email"] for user in listed}


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_admins_make_accounts_whoever_may_register(
    mode: str, database_url: str, tmp_path: Path, password_hash: str
) -> None:
    settings = settings_for_testing(database_url, tmp_path, REGISTRATION=mode)
    with (
        application(settings) as app,
        engine_on(database_url) as engine,
        Session(engine) as session,
    ):
        client = app.test_client()
        root = add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)
        session.commit()

        assert create(client, sign_in(client, root))["email"] == ALAN
