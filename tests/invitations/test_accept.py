"""Whoever was invited registers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from invitations.invited import ALAN, accept, expire_invitations, invited_token
from support.accounts import Account, Headers, add_user, register, try_login
from support.answers import verdict
from support.applications import application, settings_for_testing
from support.databases import engine_on
from support.events import written
from support.paths import INVITATIONS
from support.rows import add_user_row, set_columns
from support.signing_in import sign_in
from userapi.invitations.events import InvitationEvent
from userapi.invitations.models import Invitation
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose


def test_whoever_was_invited_gets_the_role_and_a_proven_address(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers, role="moderator", language="de")

    answer = accept(client, token)

    user = answer.get_json()
    assert answer.status_code == 201
    assert (user["role"], user["email_verified"], user["language"]) == ("moderator", True, "de")
    assert try_login(client, ALAN, "enigma bombe").status_code == 200


def test_an_accepted_invitation_tells_by_whom(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    user_id = accept(client, invited_token(client, db_session, admin_headers)).get_json()["id"]

    (invitation,) = client.get(INVITATIONS, headers=admin_headers).get_json()["invitations"]
    assert (invitation["state"], invitation["accepted_by"]) == ("accepted", user_id)
    (event,) = [e for e in written(db_session) if e.event == InvitationEvent.ACCEPTED]
    assert (event.actor_id, event.subject_id, event.object_id) == (
        user_id,
        user_id,
        invitation["id"],
    )


def test_ones_own_language_outweighs_that_of_the_invitation(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers, language="de")

    assert accept(client, token, language="en").get_json()["language"] == "en"


def test_an_invitation_works_once(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    accept(client, token)

    assert verdict(accept(client, token)) == (403, "link-invalid")
    assert db_session.scalars(select(OneTimeToken)).all() == []


def test_an_invitation_is_for_its_address_alone(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)

    refused = accept(client, token, email="eve@example.com")

    assert verdict(refused) == (403, "invitation-for-another-address")
    assert accept(client, token, email=ALAN.upper()).status_code == 201


def test_a_refused_password_leaves_the_invitation(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    assert accept(client, token, password="short").status_code == 400

    assert accept(client, token).status_code == 201


def test_an_invitation_that_expired_is_void(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    expire_invitations(db_session)

    assert verdict(accept(client, token)) == (403, "link-invalid")


def test_an_invitation_that_was_revoked_is_void(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    invitation_id = db_session.scalars(select(Invitation.id)).one()
    db_session.commit()
    client.delete(f"{INVITATIONS}/{invitation_id}", headers=admin_headers)

    assert verdict(accept(client, token)) == (403, "link-invalid")


def test_only_the_newest_invitation_counts(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    old = invited_token(client, db_session, admin_headers, role="admin")
    new = invited_token(client, db_session, admin_headers)

    assert verdict(accept(client, old)) == (403, "link-invalid")
    assert accept(client, new).get_json()["role"] == "user"


@pytest.mark.parametrize(
    "change", [{"role": Role.MODERATOR}, {"is_active": False}], ids=["demoted", "deactivated"]
)
def test_what_a_former_admin_gave_away_is_an_ordinary_account_at_most(
    client: FlaskClient,
    admin_user: Account,
    admin_headers: Headers,
    db_session: Session,
    change: dict[str, object],
) -> None:
    roles = {"user": 201, "moderator": 403, "admin": 403}
    tokens = {
        role: invited_token(client, db_session, admin_headers, email=f"{role}@a.example", role=role)
        for role in roles
    }
    set_columns(db_session, admin_user.id, **change)

    answers = {role: accept(client, tokens[role], email=f"{role}@a.example") for role in roles}
    assert {role: answer.status_code for role, answer in answers.items()} == roles


def test_a_taken_address_leaves_the_invitation(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    add_user_row(db_session, ALAN)

    assert verdict(accept(client, token)) == (409, "email-taken")
    assert verdict(accept(client, token)) == (409, "email-taken")


def test_an_account_that_never_proved_the_address_gives_way(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    squatter = register(client, password="squatted here").get_json()["id"]
    assert verdict(accept(client, token)) == (409, "email-taken")
    set_columns(db_session, squatter, email_set_at=utc_now() - timedelta(days=8))

    answer = accept(client, token)

    assert answer.status_code == 201
    assert answer.get_json()["id"] != squatter
    assert try_login(client, ALAN, "squatted here").status_code == 401


def test_another_token_is_no_invitation(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    token = invited_token(client, db_session, admin_headers)
    db_session.execute(update(OneTimeToken).values(purpose=Purpose.EMAIL_UNDO))
    db_session.commit()

    assert verdict(accept(client, token)) == (403, "link-invalid")


class TestModes:
    @pytest.fixture(params=["open", "private", "invite", "closed"])
    def mode(self, request: pytest.FixtureRequest) -> str:
        """A value of REGISTRATION."""
        mode: str = request.param
        return mode

    @pytest.fixture
    def moded(self, mode: str, database_url: str, tmp_path: Path) -> Iterator[Flask]:
        """The application in that mode."""
        settings = settings_for_testing(database_url, tmp_path, REGISTRATION=mode)
        with application(settings) as app:
            yield app

    @pytest.fixture
    def session(self, database_url: str) -> Iterator[Session]:
        """A session on its database."""
        with engine_on(database_url) as engine, Session(engine) as session:
            yield session

    def test_an_invitation_counts_unless_registration_is_closed(
        self, mode: str, moded: Flask, session: Session, password_hash: str
    ) -> None:
        client = moded.test_client()
        root = add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)
        session.commit()
        token = invited_token(client, session, sign_in(client, root))

        answer = accept(client, token)

        if mode == "closed":
            assert verdict(answer) == (403, "registration-closed")
        else:
            assert answer.status_code == 201

    def test_without_an_invitation_only_invite_asks_for_one(
        self, mode: str, moded: Flask, session: Session
    ) -> None:
        answer = register(moded.test_client())

        refusals = {"closed": "registration-closed", "invite": "invitation-required"}
        assert answer.get_json().get("code") == refusals.get(mode)
