import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from support.rows import NOON, at_minute
from userapi.kit.client_info import ClientInfo
from userapi.kit.secrets import token_digest
from userapi.sessions.rotation import Family, Rotation, Verdict

GRACE = timedelta(seconds=10)
BROWSER = "b" * 32
COPY = "c" * 32
PARENT, CURRENT, GRANDPARENT = (token_digest(name) for name in ("parent", "current", "grandparent"))
FAMILY = Family(
    current_hash=CURRENT,
    parent_hash=PARENT,
    rotated_at=NOON,
    expires_at=at_minute(60),
    revoked_at=None,
    key_id=None,
    rotated_by=BROWSER + CURRENT[:32],
)


@pytest.fixture
def rotation() -> Rotation:
    """The rules, with ten seconds of grace."""
    return Rotation(key=b"the key", grace=GRACE)


def test_a_token_always_has_the_same_successor(rotation: Rotation) -> None:
    again = Rotation(key=b"the key", grace=GRACE)

    assert rotation.successor_of("token") == again.successor_of("token")


def test_different_tokens_have_different_successors(rotation: Rotation) -> None:
    assert rotation.successor_of("token") != rotation.successor_of("another")


def test_without_the_key_a_successor_cannot_be_told(rotation: Rotation) -> None:
    other = Rotation(key=b"another key", grace=GRACE)

    assert rotation.successor_of("token") != other.successor_of("token")


def test_the_key_is_not_shown(rotation: Rotation) -> None:
    assert "the key" not in repr(rotation)


@pytest.mark.parametrize("now", [NOON - GRACE, NOON, NOON + GRACE - timedelta(microseconds=1)])
def test_a_parent_is_answered_again_within_the_grace(rotation: Rotation, now: datetime) -> None:
    assert rotation.verdict_on(PARENT, BROWSER, FAMILY, now) is Verdict.REPEATED


@pytest.mark.parametrize("now", [NOON + GRACE, at_minute(59)])
def test_a_parent_is_reused_after_the_grace(rotation: Rotation, now: datetime) -> None:
    assert rotation.verdict_on(PARENT, BROWSER, FAMILY, now) is Verdict.REUSED


def test_without_grace_a_parent_is_reused_at_once() -> None:
    strict = Rotation(key=b"the key", grace=timedelta(0))

    assert strict.verdict_on(PARENT, BROWSER, FAMILY, NOON) is Verdict.REUSED


def test_a_parent_of_another_client_is_reused(rotation: Rotation) -> None:
    assert rotation.verdict_on(PARENT, COPY, FAMILY, NOON) is Verdict.REUSED


def test_a_parent_whose_client_was_not_stored_is_answered_again(rotation: Rotation) -> None:
    family = replace(FAMILY, rotated_by=None)

    assert rotation.verdict_on(PARENT, COPY, family, NOON) is Verdict.REPEATED


def test_a_client_of_an_earlier_rotation_does_not_count(rotation: Rotation) -> None:
    family = replace(FAMILY, rotated_by=BROWSER + PARENT[:32])

    assert rotation.verdict_on(PARENT, COPY, family, NOON) is Verdict.REPEATED


@pytest.mark.parametrize(
    ("address", "user_agent"),
    [("192.0.2.7", "Browser/2"), ("192.0.2.8", "Browser/1"), (None, "Browser/1"), (None, None)],
)
def test_clients_differ_by_address_and_user_agent(
    rotation: Rotation, address: str | None, user_agent: str | None
) -> None:
    known = rotation.client_of(ClientInfo(address="192.0.2.7", user_agent="Browser/1"))

    assert rotation.client_of(ClientInfo(address=address, user_agent=user_agent)) != known


def test_a_client_is_stored_without_telling_who_it_is(rotation: Rotation) -> None:
    client = rotation.client_of(ClientInfo(address="192.0.2.7", user_agent="Browser/1"))

    other = Rotation(key=b"another key", grace=GRACE)
    assert re.fullmatch("[0-9a-f]{32}", client)
    assert other.client_of(ClientInfo(address="192.0.2.7", user_agent="Browser/1")) != client


def test_a_grandparent_is_reused_even_within_the_grace(rotation: Rotation) -> None:
    assert rotation.verdict_on(GRANDPARENT, BROWSER, FAMILY, NOON) is Verdict.REUSED


def test_a_session_that_was_never_refreshed_has_no_parent(rotation: Rotation) -> None:
    family = replace(FAMILY, parent_hash=None)

    assert rotation.verdict_on(PARENT, BROWSER, family, NOON) is Verdict.REUSED


@pytest.mark.parametrize(
    "family",
    [None, replace(FAMILY, revoked_at=NOON), replace(FAMILY, expires_at=NOON)],
    ids=["unknown", "revoked", "expired"],
)
@pytest.mark.parametrize("presented", [PARENT, GRANDPARENT, CURRENT])
def test_nothing_is_answered_of_a_session_that_is_over(
    rotation: Rotation, family: Family | None, presented: str
) -> None:
    assert rotation.verdict_on(presented, BROWSER, family, NOON) is Verdict.ENDED
