"""Users as they are read."""

from dataclasses import dataclass
from datetime import datetime

from userapi.kit.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user as others may see it."""

    id: int
    email: str
    email_verified_at: datetime | None
    first_name: str
    last_name: str
    is_active: bool
    role: str
    language: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    deleted_at: datetime | None = None

    @property
    def email_verified(self) -> bool:
        """Whether somebody has proven to receive what is mailed there."""
        return self.email_verified_at is not None

    @property
    def full_name(self) -> str:
        """The first and the last name, separated by a space."""
        return f"{self.first_name} {self.last_name}"

    @property
    def is_admin(self) -> bool:
        """Whether the role is that of an administrator."""
        return self.role == Role.ADMIN


@dataclass(frozen=True, slots=True)
class KnownCaller(Principal):
    """A caller whose own user was read together with the credential."""

    user: UserRecord


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """All that a user's row tells of the person, but for the password."""

    id: int
    email: str
    email_set_at: datetime | None
    email_verified_at: datetime | None
    first_name: str
    last_name: str
    language: str | None
    is_active: bool
    role: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PasswordCredentials:
    """What a login is checked against: an account's id and the hash of its password."""

    id: int
    password_hash: str


@dataclass(frozen=True, slots=True)
class AddressHolder:
    """The account that has an address: since when, and since when it is proven."""

    id: int
    email: str
    first_name: str
    language: str | None
    email_verified_at: datetime | None
    email_set_at: datetime | None
