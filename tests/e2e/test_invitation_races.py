"""Invitations that are accepted, revoked and made by many at the same moment."""

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, Headers, add_user
from support.one_time_tokens import known_token
from support.paths import INVITATIONS, USERS
from support.races import log_in_over_http, race, racing_client, scaled
from userapi.invitations.models import Invitation
from userapi.kit.principal import Role
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.users.models import User

pytestmark = pytest.mark.race

PARALLEL = 50


@pytest.fixture
def admins(committed: Session, password_hash: str) -> list[str]:
    """The addresses of two administrators."""
    emails = ["root@example.com", "other@example.com"]
    for email in emails:
        add_user(committed, password_hash, email=email, role=Role.ADMIN)
    committed.commit()
    return emails


def invite(client: httpx.Client, headers: Headers, email: str) -> httpx.Response:
    return client.post(INVITATIONS, json={"email": email, "role": "user"}, headers=headers)


def accept(client: httpx.Client, email: str, token: str) -> int:
    body = {**REGISTRATION, "email": email, "invitation_token": token}
    return client.post(USERS, json=body).status_code


def accounts_with(session: Session, email: str) -> int:
    counted = session.scalar(select(func.count()).where(User.email == email)) or 0
    session.rollback()
    return counted


def test_of_many_who_accept_one_invitation_exactly_one_gets_in(
    url: str, admins: list[str], committed: Session
) -> None:
    with racing_client(url, PARALLEL) as client:
        headers = log_in_over_http(client, admins[0])
        for number in range(scaled(100)):
            email = f"alan{number}@example.com"
            invite(client, headers, email)
            token = known_token(committed, Purpose.INVITATION)

            statuses = race([lambda: accept(client, email, token)] * PARALLEL)  # noqa: B023

            assert sorted(statuses) == [201] + [403] * (PARALLEL - 1)
            assert accounts_with(committed, email) == 1


def test_an_invitation_is_accepted_or_revoked(
    url: str, admins: list[str], committed: Session
) -> None:
    with racing_client(url, 2) as client:
        inviter, other = (log_in_over_http(client, admin) for admin in admins)
        for number in range(scaled(100)):
            email = f"alan{number}@example.com"
            path = f"{INVITATIONS}/{invite(client, inviter, email).json()['id']}"
            token = known_token(committed, Purpose.INVITATION)

            accepted, revoked = race(
                [
                    lambda: accept(client, email, token),  # noqa: B023
                    lambda: client.delete(path, headers=other).status_code,  # noqa: B023
                ]
            )

            assert (accepted, revoked) in {(201, 409), (403, 204)}, number
            assert accounts_with(committed, email) == (accepted == 201)


def test_many_who_invite_one_address_leave_one_invitation(
    url: str, admins: list[str], committed: Session
) -> None:
    with racing_client(url, 8) as client:
        headers = [log_in_over_http(client, admin) for admin in admins]
        for number in range(scaled(50)):
            email = f"alan{number}@example.com"

            answers = race([lambda one=one: invite(client, one, email) for one in headers * 4])  # type: ignore[misc]  # noqa: B023

            assert {answer.status_code for answer in answers} <= {201, 409}
            waiting = Invitation.revoked_at.is_(None)
            open_ids = committed.scalars(
                select(Invitation.id).where(waiting, Invitation.email == email)
            ).all()
            tokens = committed.scalars(
                select(OneTimeToken.subject_id).where(OneTimeToken.address == email)
            ).all()
            committed.rollback()
            assert len(open_ids) == 1
            assert tokens == open_ids
