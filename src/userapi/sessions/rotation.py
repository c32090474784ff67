"""How the refresh tokens of a session follow one another.

Each refresh replaces the session's refresh token by its successor. The successor's id is an
HMAC of the id that was presented, so the session's row need not keep it: with the row's times
and key the same successor can be signed again for whoever presents the same token again.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from userapi.kit.client_info import ClientInfo
from userapi.kit.text import address_bucket

_HALF = 32
"""Characters of a client and of the token it got, in one column of 64."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long an access token, a session that is not refreshed, and any session can live."""

    access: timedelta
    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Successor:
    """The refresh token that replaces another, as the session's row is to know it.

    `idle_end` is when it expires, unless the session does before. `key_id` is the key's that
    signs it, `client` who it is made for, as `Rotation.client_of` writes it.
    """

    token_hash: str
    client: str
    issued_at: datetime
    idle_end: datetime
    key_id: str | None

    @property
    def rotated_by(self) -> str:
        """The client, and for which token: together 64 characters."""
        return self.client + self.token_hash[:_HALF]


@dataclass(frozen=True, slots=True)
class Family:
    """What a session's row knows of its refresh tokens: when and how the newest was signed.

    Of it and of its parent, the one before, only the hashes of their ids are stored. `rotated_by`
    tells which client got the newest one, as `Successor.rotated_by` writes it; `device_id` is the
    device of the login.
    """

    current_hash: str
    parent_hash: str | None
    rotated_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    key_id: str | None
    rotated_by: str | None
    device_id: uuid.UUID | None = None

    @property
    def client(self) -> str | None:
        """The client that got the newest token; None when a version rotated that stores none."""
        if self.rotated_by is None or self.rotated_by[_HALF:] != self.current_hash[:_HALF]:
            return None
        return self.rotated_by[:_HALF]


class Verdict(StrEnum):
    """What becomes of a refresh token that is not the newest one of its session."""

    ENDED = "ended"
    """The session is over."""
    REPEATED = "repeated"
    """The client that replaced it a moment ago asks once more, and gets its successor again."""
    REUSED = "reused"
    """It was replaced before that, or by another client: somebody has a copy."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rules of succession: the key that ids are derived with, and the time of grace."""

    key: bytes = field(repr=False)
    grace: timedelta

    def successor_of(self, token_id: str) -> str:
        """Return the id of the token that replaces the one with that id."""
        return hmac.new(self.key, token_id.encode(), hashlib.sha256).hexdigest()

    def client_of(self, client_info: ClientInfo) -> str:
        """Return by what a client is known again, in 32 characters that do not tell who it is.

        That is its user agent and its address, as the limits tell addresses apart.
        """
        client = f"client:{address_bucket(client_info.address)}\n{client_info.user_agent or ''}"
        return hmac.new(self.key, client.encode(), hashlib.sha256).hexdigest()[:_HALF]

    def verdict_on(
        self, presented: str, client: str, family: Family | None, now: datetime
    ) -> Verdict:
        """Judge a token that is not, or no more, the newest.

        `presented` is the hash of its id, `client` who presents it, as `client_of` writes it.
        """
        if family is None or family.revoked_at is not None or family.expires_at <= now:
            return Verdict.ENDED
        is_parent = hmac.compare_digest(presented, family.parent_hash or "")
        is_same_client = hmac.compare_digest(client, family.client or client)
        if is_parent and is_same_client and now < family.rotated_at + self.grace:
            return Verdict.REPEATED
        return Verdict.REUSED
