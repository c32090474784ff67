"""Reading a long list of events from one part to the next."""

import re

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from audit.conftest import Search
from support.events import add_event_row
from support.paths import AUDIT_EVENTS
from support.rows import NOON, at_minute

pytestmark = pytest.mark.any_database

SOMEBODY = 2**40
"""An id that no user has."""


def ids_of(answer: TestResponse) -> list[int]:
    return [event["id"] for event in answer.get_json()["events"]]


def links_of(answer: TestResponse) -> dict[str, str]:
    """Return the addresses by their relations."""
    found = re.findall(r'<([^<>]+)>; rel="([a-z]+)"', answer.headers["Link"])
    return {rel: address for address, rel in found}


@pytest.fixture
def ids(db_session: Session) -> list[int]:
    """Seven events, newest first, some of them of the same moment."""
    minutes = [0, 1, 1, 1, 2, 2, 3]
    added = [
        add_event_row(db_session, subject_id=SOMEBODY, occurred_at=at_minute(minute))
        for minute in minutes
    ]
    return added[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 6])
def test_cursors_lead_through_the_whole_list(search: Search, ids: list[int], limit: int) -> None:
    found: list[int] = []
    answer = search(subject_id=SOMEBODY, limit=limit)
    while cursor := answer.get_json()["next_cursor"]:
        assert len(ids_of(answer)) == limit
        found += ids_of(answer)
        answer = search(subject_id=SOMEBODY, limit=limit, cursor=cursor)

    assert found + ids_of(answer) == ids


@pytest.mark.parametrize("limit", [7, 100])
def test_the_end_of_the_list_has_no_cursor(search: Search, ids: list[int], limit: int) -> None:
    answer = search(subject_id=SOMEBODY, limit=limit)

    assert (ids_of(answer), answer.get_json()["next_cursor"]) == (ids, None)


def test_twenty_is_the_default(search: Search, db_session: Session) -> None:
    for _ in range(21):
        add_event_row(db_session, subject_id=SOMEBODY)

    assert len(ids_of(search(subject_id=SOMEBODY))) == 20


def test_what_happens_meanwhile_moves_nothing(
    search: Search, db_session: Session, ids: list[int]
) -> None:
    first = search(subject_id=SOMEBODY, limit=3)
    add_event_row(db_session, subject_id=SOMEBODY, occurred_at=at_minute(9))

    second = search(subject_id=SOMEBODY, cursor=first.get_json()["next_cursor"])

    assert ids_of(first) + ids_of(second) == ids


def test_a_cursor_is_exact_to_the_microsecond(search: Search, db_session: Session) -> None:
    moments = [NOON.replace(microsecond=number) for number in (1, 2, 3)]
    added = [add_event_row(db_session, subject_id=SOMEBODY, occurred_at=it) for it in moments]
    first = search(subject_id=SOMEBODY, limit=1)

    second = search(subject_id=SOMEBODY, cursor=first.get_json()["next_cursor"])

    assert ids_of(second) == [added[1], added[0]]


def test_the_links_lead_on_and_back_with_the_same_filters(search: Search, ids: list[int]) -> None:
    first = search(subject_id=SOMEBODY, limit=3)
    second = search(links_of(first)["next"])

    assert ids_of(second) == ids[3:6]
    assert ids_of(search(links_of(second)["first"])) == ids[:3]
    assert links_of(second)["first"] == f"{AUDIT_EVENTS}?subject_id={SOMEBODY}&limit=3"


def test_the_last_part_has_no_next_link(search: Search, ids: list[int]) -> None:
    answer = search(subject_id=SOMEBODY, limit=len(ids))

    assert links_of(answer).keys() == {"first"}


def test_a_list_without_parameters_begins_at_its_path(search: Search) -> None:
    assert links_of(search())["first"] == AUDIT_EVENTS
