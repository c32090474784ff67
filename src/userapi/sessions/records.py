"""Sessions as their users see them, and their tokens."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import ua_parser

DESCRIPTION_LENGTH = 80
"""The limit of the characters of a described user agent."""

LIST_LENGTH = 100
"""The limit of a list of a user's sessions."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login or a refresh gives: `expires_in` is the access token's lifetime in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "bearer"  # noqa: S105 - RFC 6750's name for the scheme, not a secret


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that was just opened, and its tokens."""

    session_id: uuid.UUID
    tokens: TokenPair


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A live session.

    `address` and `user_agent` are those of its latest recorded use.
    """

    id: uuid.UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A live session, its user agent in words, and whether it is the one that asks."""

    id: uuid.UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    current: bool


def session_view(record: SessionRecord, *, current: uuid.UUID) -> SessionView:
    """Return a session as its user sees it; `current` is the id of the session that asks."""
    return SessionView(
        id=record.id,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        expires_at=record.expires_at,
        address=record.address,
        user_agent=None if record.user_agent is None else user_agent_description(record.user_agent),
        current=record.id == current,
    )


def user_agent_description(user_agent: str) -> str:
    """Return what a user agent is, such as `Chrome 120 on Linux`; unknown ones are cut short.

    They tell it themselves, and can tell anything.
    """
    browser = ua_parser.parse_user_agent(user_agent)
    system = ua_parser.parse_os(user_agent)
    if browser is None:
        return _cut(user_agent)
    words = _with_version(browser.family, browser.major)
    if system is not None:
        words += f" on {_with_version(system.family, system.major)}"
    return _cut(words)


def _with_version(family: str, major: str | None) -> str:
    return family if major is None else f"{family} {major}"


def _cut(words: str) -> str:
    return words if len(words) <= DESCRIPTION_LENGTH else f"{words[: DESCRIPTION_LENGTH - 1]}…"
