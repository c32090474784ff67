"""Passwords as they are handed on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

RESET_LIFETIME = timedelta(minutes=30)
"""How long the link of a reset works."""


@dataclass(frozen=True, slots=True)
class ProvenPassword:
    """A caller who has proven a password, and the hash that it was compared with."""

    user_id: int
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """What a caller gives to change the password."""

    current_password: str = field(repr=False)
    new_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """What somebody gives who has followed a link."""

    token: str = field(repr=False)
    new_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A link that resets a password, with its token, and until when it does."""

    url: str = field(repr=False)
    expires_at: datetime
