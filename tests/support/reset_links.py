"""Links that reset passwords, and the mails that they wait in."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, Login, bearer
from support.applications import settings_of
from support.paths import LOGIN, ME, PASSWORD_FORGOT, PASSWORD_RESET, REFRESH
from userapi.config.secrets import SecretSettings
from userapi.kit.clock import utc_now
from userapi.kit.secrets import derived_key, new_token, token_digest
from userapi.mail.models import MailRow
from userapi.mail.sealing import Seal
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import TOKEN_PREFIX
from userapi.outbox.models import Job
from userapi.passwords.bindings import Delivery, reset_binding
from userapi.passwords.records import RESET_LIFETIME
from userapi.passwords.services.forgetting import FORGOTTEN, ForgottenPasswords
from userapi.users.models import User
from userapi.web.services import provided

NEW_PASSWORD = "enigma bombe"


@dataclass(frozen=True)
class WaitingMail:
    """A mail that was left to be sent."""

    template: str
    recipient: str
    token: str | None
    values: Mapping[str, str]


def forget(client: FlaskClient, email: str) -> TestResponse:
    """Say that the password of that address was forgotten."""
    return client.post(PASSWORD_FORGOT, json={"email": email})


def reset(client: FlaskClient, token: str, new_password: str = NEW_PASSWORD) -> TestResponse:
    """Follow a link."""
    return client.post(PASSWORD_RESET, json={"token": token, "new_password": new_password})


def mail_links(app: Flask, session: Session) -> None:
    """Do the jobs that wait of those who have forgotten their passwords."""
    jobs = select(Job.payload).where(Job.kind == FORGOTTEN).order_by(Job.created_at)
    payloads = list(session.scalars(jobs))
    session.execute(delete(Job).where(Job.kind == FORGOTTEN))
    session.commit()
    with app.app_context():
        for payload in payloads:
            provided(ForgottenPasswords).mail_link(payload)


def waiting_mails(app: Flask, session: Session) -> list[WaitingMail]:
    """Return the mails that wait, opened, the oldest first."""
    secret = settings_of(app).of(SecretSettings).secret_key
    seal = Seal(derived_key(secret, "waiting mails"))
    columns = (MailRow.id, MailRow.template, MailRow.recipient, MailRow.sealed)
    rows = session.execute(select(*columns).order_by(MailRow.created_at)).all()
    session.commit()
    return [
        WaitingMail(
            template, recipient, content.link.token if content.link else None, content.values
        )
        for mail_id, template, recipient, sealed in rows
        for content in [seal.open(sealed or b"", mail_id)]
    ]


def mailed_token(client: FlaskClient, session: Session, email: str) -> str:
    """Forget the password of that address; return the token that is mailed."""
    app = client.application
    before = {mail.token for mail in waiting_mails(app, session)}
    forget(client, email)
    mail_links(app, session)
    (token,) = {mail.token for mail in waiting_mails(app, session)} - before
    assert token is not None
    return token


def add_reset_token(session: Session, user_id: int, token: str = "") -> str:
    """Commit a token as it is mailed to that user, which replaces an equal one; return it."""
    token = token or new_token(TOKEN_PREFIX)
    session.execute(delete(OneTimeToken).where(OneTimeToken.token_hash == token_digest(token)))
    user = session.scalars(select(User).where(User.id == user_id)).one()
    now = utc_now()
    row = OneTimeToken(
        purpose=Purpose.PASSWORD_RESET,
        token_hash=token_digest(token),
        user_id=user.id,
        address=user.email,
        binding=reset_binding(user.password_hash, user.email, Delivery.MAILED),
        created_at=now,
        expires_at=now + RESET_LIFETIME,
    )
    session.add(row)
    session.commit()
    return token


def expire_tokens(session: Session) -> None:
    """Let the time of all one-time tokens be over."""
    session.execute(update(OneTimeToken).values(expires_at=OneTimeToken.created_at))
    session.commit()


@dataclass(frozen=True)
class Device(Login):
    """A login from a device that is known from then on."""

    device_token: str


def log_in_from(
    client: FlaskClient, account: Account, password: str, token: str | None = None
) -> Device:
    """Log in from a device that shows that token."""
    login = {"email": account.email, "password": password}
    answer = client.post(LOGIN, json=login if token is None else {**login, "device_token": token})
    tokens = answer.get_json()
    return Device(
        access=bearer(tokens["access_token"]),
        refresh=bearer(tokens["refresh_token"]),
        device_token=tokens["device_token"],
    )


def statuses_of(client: FlaskClient, login: Login) -> tuple[int, int]:
    """Return what the access token and the refresh token of a login are answered with."""
    uses: list[tuple[str, str, Headers]] = [
        ("GET", ME, login.access),
        ("POST", REFRESH, login.refresh),
    ]
    read, refreshed = (
        client.open(path, method=method, headers=headers).status_code
        for method, path, headers in uses
    )
    return read, refreshed
