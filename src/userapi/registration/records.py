"""What a person gives to get an account, and what is answered."""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from userapi.passwords.weakness import Person


class RegistrationMode(StrEnum):
    """Who may register, and what the answer tells."""

    OPEN = "open"
    CLOSED = "closed"
    PRIVATE = "private"
    INVITE = "invite"

    @property
    def needs_mail(self) -> bool:
        """Whether nobody could register where no mail is sent."""
        return self in (RegistrationMode.PRIVATE, RegistrationMode.INVITE)


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person gives to get an account."""

    email: str
    password: str = field(repr=False)
    first_name: str
    last_name: str
    language: str | None = None
    invitation_token: str | None = field(default=None, repr=False)

    @property
    def person(self) -> Person:
        """Whose password it is."""
        return Person(email=self.email, first_name=self.first_name, last_name=self.last_name)


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """A person with an account to be: the address is canonical, the password hashed."""

    email: str
    password_hash: str = field(repr=False)
    first_name: str
    last_name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrationPending:
    """The answer to a registration that makes no account yet; it is always the same."""

    message: str = (
        "If this address can be registered, a link was mailed to it. The account is made when the "
        "link is followed."
    )


@dataclass(frozen=True, slots=True)
class WaitingRegistration:
    """A registration that waits until its address is proven."""

    id: uuid.UUID
    email: str
    language: str | None


@dataclass(frozen=True, slots=True)
class EmailChange:
    """What a caller gives to have another address."""

    password: str = field(repr=False)
    new_email: str


@dataclass(frozen=True, slots=True)
class MailPromised:
    """The answer where a mail may be on its way; it is always the same."""

    message: str = "If a mail is due, it is on its way to this address."


@dataclass(frozen=True, slots=True)
class ProvenAddress:
    """The address that was proven."""

    email: str
    email_verified: bool = True
