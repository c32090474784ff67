"""What admins give."""

from dataclasses import dataclass

from userapi.kit.principal import Role


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account that an admin makes for somebody, who chooses the password."""

    email: str
    first_name: str
    last_name: str
    role: Role
    language: str | None = None


@dataclass(frozen=True, slots=True)
class EmailCorrection:
    """The address that a user is to have, and whether the admin knows it to be that person's."""

    email: str
    verified: bool = False
