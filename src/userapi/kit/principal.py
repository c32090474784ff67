"""Who is asking."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account is trusted with, from the least to the most."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"

    def includes(self, role: "Role") -> bool:
        """Say whether this role may do all that `role` may do."""
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(role)


@dataclass(frozen=True, slots=True)
class SessionCredential:
    """A token of a login session.

    `token_id` is the token's `jti`, `used_at` the latest noted use of the session before this one.
    """

    session_id: uuid.UUID
    token_id: str
    used_at: datetime


Credential = SessionCredential
"""What proves who is asking: today always a token of a login session."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller, as the database knew it when the request arrived."""

    user_id: int
    role: Role
    credential: Credential

    def has_role(self, role: Role) -> bool:
        """Say whether the caller may do what `role` may do."""
        return self.role.includes(role)
