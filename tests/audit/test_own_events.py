"""`GET /users/me/events`: what concerns the caller, and nothing else."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import assert_invalid
from support.events import add_event_row
from support.paths import OWN_EVENTS
from userapi.login.events import LoginEvent
from userapi.users.events import UserEvent


@pytest.fixture
def own_events(client: FlaskClient, auth_headers: Headers) -> Any:
    """Read the events of `user`, the newest of which is the login."""

    def own_events(**parameters: Any) -> list[dict[str, Any]]:
        answer = client.get(OWN_EVENTS, query_string=parameters, headers=auth_headers)
        events: list[dict[str, Any]] = answer.get_json()["events"]
        return events

    return own_events


def test_the_login_is_the_first_to_be_seen(own_events: Any, user: Account) -> None:
    (event,) = own_events()

    assert (event["event"], event["subject_id"]) == ("session:created", user.id)
    assert (event["address"], event["user_agent"][:8]) == ("127.0.0.1", "Werkzeug")


def test_what_concerns_others_is_not_seen(
    own_events: Any, db_session: Session, user: Account, other_user: Account
) -> None:
    add_event_row(db_session, actor_id=user.id, subject_id=other_user.id)
    add_event_row(db_session, actor_id=user.id, subject_id=None)

    assert [event["event"] for event in own_events()] == ["session:created"]


def test_what_others_did_is_seen_without_where_they_were(
    own_events: Any, db_session: Session, user: Account, admin_user: Account
) -> None:
    add_event_row(
        db_session,
        event=UserEvent.UPDATED,
        actor_id=admin_user.id,
        subject_id=user.id,
        address="192.0.2.1",
    )

    (event,) = own_events(event="user:updated")

    assert (event["actor_id"], event["address"]) == (admin_user.id, None)


def test_where_a_stranger_tried_is_seen(
    own_events: Any, db_session: Session, user: Account
) -> None:
    add_event_row(db_session, event=LoginEvent.FAILED, subject_id=user.id, address="192.0.2.1")

    (event,) = own_events(event="login:failed")

    assert (event["actor_id"], event["address"]) == (None, "192.0.2.1")


@pytest.mark.parametrize("name", ["subject_id", "actor_id"])
def test_other_subjects_and_actors_cannot_be_asked_for(
    client: FlaskClient, auth_headers: Headers, other_user: Account, name: str
) -> None:
    answer = client.get(OWN_EVENTS, query_string={name: other_user.id}, headers=auth_headers)

    assert_invalid(answer, name, "unknown")


def test_the_list_goes_on_behind_its_cursor(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    add_event_row(db_session, subject_id=user.id)
    first = client.get(OWN_EVENTS, query_string={"limit": 1}, headers=auth_headers).get_json()

    answer = client.get(
        OWN_EVENTS, query_string={"cursor": first["next_cursor"]}, headers=auth_headers
    )

    assert [event["event"] for event in answer.get_json()["events"]] == ["post:created"]
