"""What the services need of the token format: only that tokens can be issued."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TokenKind(StrEnum):
    """An access token opens the API; a refresh token only gets new access tokens."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom a token speaks for: the user, the login session, and the rights at that moment."""

    user_id: int
    session_id: uuid.UUID
    is_admin: bool


class TokenIssuer(Protocol):
    """Makes signed tokens."""

    def issue(self, kind: TokenKind, subject: TokenSubject, *, expires_at: datetime) -> str:
        """Return a signed token of that kind that is valid until `expires_at`."""
        ...
