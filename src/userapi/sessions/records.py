"""Sessions as their users see them, and their tokens."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from userapi.kit.cursor import Sort
from userapi.kit.user_agents import user_agent_description

MAX_SESSIONS = 100
"""How many sessions of one user are alive; the one used least recently ends first."""

NEWEST_FIRST = Sort({"created_at": datetime, "id": uuid.UUID})


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
class SessionHistory:
    """What a user's stored sessions tell at the database's time `now`.

    `has_any` counts those that have ended, too; `live` are those that are alive.
    """

    has_any: bool
    live: int
    now: datetime


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
class KeptSession:
    """A session, alive or over, as long as its row is kept: without the hashes of its tokens."""

    id: uuid.UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    address: str | None
    user_agent: str | None
    device_id: uuid.UUID | None


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
