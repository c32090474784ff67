"""`GET /audit-events`: the filters, the answers and the mistakes."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from audit.conftest import Search
from support.accounts import Account, Headers
from support.answers import assert_invalid, assert_problem
from support.events import add_event_row
from support.paths import AUDIT_EVENTS
from support.rows import UNKNOWN_ID, at_minute
from userapi.posts.events import PostEvent

SOMEBODY, ANOTHER = 2**40, 2**40 + 1
"""Ids that no user has."""


def ids_of(answer: TestResponse) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.get_json()["events"]]


def test_an_event_is_answered_whole(search: Search, db_session: Session) -> None:
    event_id = add_event_row(
        db_session,
        event=PostEvent.UPDATED,
        actor_id=SOMEBODY,
        subject_id=ANOTHER,
        object_id="12",
        request_id="the-request",
        details={"changed": ["title"]},
        address="192.0.2.1",
    )

    (event,) = search(subject_id=ANOTHER).get_json()["events"]

    assert event == {
        "id": event_id,
        "occurred_at": "2026-01-31T12:00:00.000000Z",
        "event": "post:updated",
        "actor_id": SOMEBODY,
        "subject_id": ANOTHER,
        "object_id": "12",
        "request_id": "the-request",
        "details": {"changed": ["title"]},
        "address": "192.0.2.1",
        "user_agent": None,
    }


def test_what_was_deleted_or_never_known_is_null(search: Search, db_session: Session) -> None:
    add_event_row(db_session, subject_id=SOMEBODY)

    (event,) = search(subject_id=SOMEBODY).get_json()["events"]

    nothing = {name for name, value in event.items() if value is None}
    assert nothing == {"actor_id", "object_id", "request_id", "address", "user_agent"}


def test_the_newest_come_first(search: Search, db_session: Session) -> None:
    minutes = [2, 1, 3, 1]
    ids = [
        add_event_row(db_session, subject_id=SOMEBODY, occurred_at=at_minute(minute))
        for minute in minutes
    ]

    assert ids_of(search(subject_id=SOMEBODY)) == [ids[2], ids[0], ids[3], ids[1]]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"subject_id": SOMEBODY}, {"a", "c"}),
        ({"actor_id": SOMEBODY}, {"a", "b"}),
        ({"event": "post:deleted"}, {"b", "c"}),
        ({"subject_id": SOMEBODY, "actor_id": SOMEBODY}, {"a"}),
        ({"subject_id": SOMEBODY, "event": "post:deleted"}, {"c"}),
        ({"subject_id": UNKNOWN_ID}, set[str]()),
        ({"event": "key:retired"}, set[str]()),
    ],
)
def test_filters_that_are_given_must_all_hold(
    search: Search, db_session: Session, parameters: dict[str, Any], found: set[str]
) -> None:
    events = {
        "a": (SOMEBODY, SOMEBODY, PostEvent.CREATED),
        "b": (SOMEBODY, ANOTHER, PostEvent.DELETED),
        "c": (ANOTHER, SOMEBODY, PostEvent.DELETED),
    }
    names = {
        add_event_row(db_session, actor_id=actor, subject_id=subject, event=event): name
        for name, (actor, subject, event) in events.items()
    }

    assert {names[event_id] for event_id in ids_of(search(**parameters))} == found


@pytest.mark.parametrize(
    ("parameters", "minutes"),
    [
        ({"since": "2026-01-31T12:01:00Z"}, [3, 2, 1]),
        ({"until": "2026-01-31T12:02:00Z"}, [1, 0]),
        ({"since": "2026-01-31T12:01:00Z", "until": "2026-01-31T12:02:00Z"}, [1]),
        ({"since": "2026-01-31T13:02:00+01:00"}, [3, 2]),
        ({"since": "2026-01-31t12:02:00.000001z"}, [3]),
        ({"since": "2026-01-31T12:03:00Z", "until": "2026-01-31T12:00:00Z"}, []),
    ],
)
def test_times_are_half_open(
    search: Search, db_session: Session, parameters: dict[str, str], minutes: list[int]
) -> None:
    ids = [
        add_event_row(db_session, subject_id=SOMEBODY, occurred_at=at_minute(minute))
        for minute in range(4)
    ]

    found = ids_of(search(subject_id=SOMEBODY, **parameters))

    assert found == [ids[minute] for minute in minutes]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"limit": "0"}, "range"),
        ({"limit": "101"}, "range"),
        ({"limit": "ten"}, "type"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "yesterday"}, "cursor"),
        ({"cursor": "A" * 19 + "="}, "cursor"),
        ({"cursor": "Ä" * 20}, "cursor"),
        ({"cursor": "A" * 20 + "\n"}, "cursor"),
        ({"subject_id": "0"}, "range"),
        ({"actor_id": str(2**63)}, "range"),
        ({"event": "post:read"}, "choice"),
        ({"event": ""}, "choice"),
        ({"since": "2026-01-31"}, "date-time"),
        ({"since": "2026-01-31T12:00:00"}, "date-time"),
        ({"since": "2026-01-31T12:00:00 01:00"}, "date-time"),
        ({"until": "2026-02-30T12:00:00Z"}, "date-time"),
        ({"until": "0001-01-01T00:00:00+01:00"}, "date-time"),
        ({"page": "2"}, "unknown"),
    ],
)
def test_a_mistake_is_named(search: Search, parameters: dict[str, str], code: str) -> None:
    (name,) = parameters

    assert_invalid(search(**parameters), name, code)


@pytest.mark.parametrize("cursor", ["-" * 20, "_" * 20, "A" * 20])
def test_a_cursor_that_nobody_gave_is_a_place_like_any_other(search: Search, cursor: str) -> None:
    assert search(cursor=cursor).status_code == 200


def test_the_extremes_of_time_are_times(search: Search) -> None:
    answer = search(since="0001-01-01T00:00:00Z", until="9999-12-31T23:59:59.999999Z")

    assert answer.status_code == 200


@pytest.mark.any_database
def test_people_may_not_search(client: FlaskClient, user: Account, auth_headers: Headers) -> None:
    answer = client.get(AUDIT_EVENTS, query_string={"subject_id": user.id}, headers=auth_headers)

    assert_problem(answer, 403, "not-allowed")
