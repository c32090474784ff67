from dataclasses import replace

import pytest

from support.principals import principal_of
from support.rows import NOON
from userapi.audit import policy
from userapi.audit.records import EventRecord
from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Role

EVENT = EventRecord(
    occurred_at=NOON,
    id=1,
    event="user:updated",
    actor_id=7,
    subject_id=7,
    object_id=None,
    request_id="request",
    details={},
    address="198.51.100.7",
    user_agent="Browser",
)


def test_admins_may_search() -> None:
    policy.SEARCHING.ensure(principal_of(1, role=Role.ADMIN))


def test_people_may_not_search() -> None:
    with pytest.raises(NotAllowed):
        policy.SEARCHING.ensure(principal_of(7))


def test_where_the_subject_was_is_shown() -> None:
    assert policy.as_seen_by_subject(7, EVENT) == EVENT


def test_where_a_stranger_was_is_shown() -> None:
    event = replace(EVENT, actor_id=None)

    assert policy.as_seen_by_subject(7, event) == event


def test_where_another_user_was_is_not_shown() -> None:
    event = replace(EVENT, actor_id=1)

    seen = policy.as_seen_by_subject(7, event)

    assert seen == replace(event, address=None, user_agent=None)
