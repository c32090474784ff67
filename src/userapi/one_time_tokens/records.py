"""One-time tokens as they are read."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a one-time token is for."""

    EMAIL_VERIFICATION = "email-verification"
    EMAIL_CHANGE = "email-change"
    EMAIL_UNDO = "email-undo"
    REGISTRATION = "registration"
    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - a purpose, not a secret


ALL_BUT_UNDO = frozenset(Purpose) - {Purpose.EMAIL_UNDO}
"""Which tokens of a user are void once the account has another address, or is closed."""


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom or what a token is for, and what it depends on.

    `address` is a canonical e-mail address. Either `user_id` or `subject_id` is set. `binding` is
    what `binding_of` returns.
    """

    address: str
    user_id: int | None = None
    subject_id: uuid.UUID | None = None
    binding: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token, in the clear for its owner alone, and when it expires."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OneTimeTokenRecord:
    """A token that works still: what it is for, and what it depends on."""

    id: uuid.UUID
    purpose: str
    user_id: int | None
    subject_id: uuid.UUID | None
    address: str
    binding: str | None
    expires_at: datetime


def binding_of(*values: str) -> str:
    """Return a digest of values: a token that is bound to it is void once one of them differs."""
    return hashlib.sha256("\n".join(values).encode()).hexdigest()
