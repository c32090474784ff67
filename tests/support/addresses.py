"""Addresses that are proven, changed and given back, in tests."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import PASSWORD, Headers
from support.paths import EMAIL_CHANGE, EMAIL_RESEND, EMAIL_UNDO, EMAIL_VERIFY
from support.rows import set_columns
from userapi.kit.clock import utc_now
from userapi.registration.models import PendingRegistration
from userapi.users.policy import KEPT_UNPROVEN_FOR

NEW = "augusta@example.com"
"""The address that an account is to have."""


def verify(client: FlaskClient, token: str) -> TestResponse:
    """Follow the link that proves an address."""
    return client.post(EMAIL_VERIFY, json={"token": token})


def resend(client: FlaskClient, email: str) -> TestResponse:
    """Ask for that link once more."""
    return client.post(EMAIL_RESEND, json={"email": email})


def change_email(
    client: FlaskClient, headers: Headers, new_email: str = NEW, password: str = PASSWORD
) -> TestResponse:
    """Ask for another address."""
    body = {"password": password, "new_email": new_email}
    return client.post(EMAIL_CHANGE, json=body, headers=headers)


def undo(client: FlaskClient, token: str) -> TestResponse:
    """Follow the link that undoes a change."""
    return client.post(EMAIL_UNDO, json={"token": token})


def prove(session: Session, user_id: int) -> None:
    """Have a user's address be proven."""
    set_columns(session, user_id, email_verified_at=utc_now(), email_set_at=utc_now())


def leave_unproven(session: Session, user_id: int, since: timedelta = KEPT_UNPROVEN_FOR) -> None:
    """Have a user's address be without proof for so long."""
    set_columns(session, user_id, email_verified_at=None, email_set_at=utc_now() - since)


def waiting(session: Session) -> int:
    """Return how many registrations wait."""
    return session.scalar(select(func.count()).select_from(PendingRegistration)) or 0
