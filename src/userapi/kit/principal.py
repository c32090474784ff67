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
class UserRecord:
    """A user as others may see it: plain columns, detached from the database."""

    id: int
    email: str
    first_name: str
    last_name: str
    is_active: bool
    role: str
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def full_name(self) -> str:
        """The first and the last name, separated by a space."""
        return f"{self.first_name} {self.last_name}"

    @property
    def is_admin(self) -> bool:
        """Whether the role is that of an administrator."""
        return self.role == Role.ADMIN


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller, as the database knew it when the request arrived.

    `user` holds the caller's own columns, read by the query that authenticated it.
    `session_used_at` is the latest noted use of the session before this one, `token_id` the
    `jti` of the token that was presented.
    """

    user: UserRecord
    session_id: uuid.UUID
    session_used_at: datetime
    token_id: str

    @property
    def user_id(self) -> int:
        """The caller's user id."""
        return self.user.id

    @property
    def role(self) -> Role:
        """The caller's role."""
        return Role(self.user.role)

    def has_role(self, role: Role) -> bool:
        """Say whether the caller may do what `role` may do."""
        return self.role.includes(role)
