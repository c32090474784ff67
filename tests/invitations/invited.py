"""Invitations that were mailed, and what becomes of them."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import REGISTRATION, Headers
from support.paths import INVITATIONS, USERS
from support.queued_mails import queued_mails
from userapi.invitations.models import Invitation
from userapi.one_time_tokens.models import OneTimeToken

ALAN = REGISTRATION["email"]


def invite(client: FlaskClient, headers: Headers, **changes: Any) -> TestResponse:
    """Invite Alan as a user, with some fields changed."""
    return client.post(
        INVITATIONS, json={"email": ALAN, "role": "user", **changes}, headers=headers
    )


def invited_token(client: FlaskClient, session: Session, headers: Headers, **changes: Any) -> str:
    """Invite Alan so; return the token that is mailed."""
    answer = invite(client, headers, **changes)
    assert answer.status_code == 201, answer.text
    return newest_token(client.application, session)


def newest_token(app: Flask, session: Session) -> str:
    """Return the token of the newest invitation that was mailed."""
    mails = [mail for mail in queued_mails(app, session) if mail.template == "invitation"]
    return mails[-1].token


def accept(client: FlaskClient, token: str, **changes: Any) -> TestResponse:
    """Register as Alan with that token."""
    body = {**REGISTRATION, "invitation_token": token, **changes}
    return client.post(USERS, json=body)


def expire_invitations(session: Session) -> None:
    """Let the time of all invitations be over."""
    session.execute(update(Invitation).values(expires_at=Invitation.created_at))
    session.execute(update(OneTimeToken).values(expires_at=OneTimeToken.created_at))
    session.commit()
