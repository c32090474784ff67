"""Invitations as they are made and read."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from userapi.kit.cursor import Sort
from userapi.kit.principal import Role

DEFAULT_DAYS = 7
MAX_DAYS = 30

NEWEST_FIRST = Sort({"created_at": datetime, "id": uuid.UUID})


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InvitationDraft:
    """Whom an admin invites, as what, and for how long."""

    email: str
    role: Role
    language: str | None = None
    expires_in_days: int = DEFAULT_DAYS

    @property
    def lifetime(self) -> timedelta:
        """For how long the invitation can be accepted."""
        return timedelta(days=self.expires_in_days)


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """An invitation as admins see it; whether it has expired is told by the database's clock."""

    id: uuid.UUID
    email: str
    role: str
    language: str | None
    invited_by: int
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    accepted_by: int | None
    revoked_at: datetime | None
    is_expired: bool

    @property
    def state(self) -> InvitationState:
        """What became of it."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.EXPIRED if self.is_expired else InvitationState.OPEN


@dataclass(frozen=True, slots=True)
class AcceptedInvitation:
    """An invitation that somebody is just accepting: what it gives the new account."""

    id: uuid.UUID
    role: Role
    language: str | None
