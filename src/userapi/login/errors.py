"""What can go wrong when logging in.

DomainError
├── InvalidCredentials    no account has this address, or the password is wrong
├── AccountDeactivated    the password is right, but the account is switched off
└── EmailUnverified       the password is right, but the address was not proven
"""

from userapi.kit.errors import DomainError, Kind


class InvalidCredentials(DomainError):
    """No account has this address, or the password is wrong; which of the two is not told."""

    kind = Kind.UNAUTHENTICATED
    code = "invalid-credentials"
    title = "Wrong e-mail address or password"
    detail = "No account matches this e-mail address and password."


class AccountDeactivated(DomainError):
    """The password is right, but the account is switched off."""

    kind = Kind.UNAUTHENTICATED
    code = "account-deactivated"
    title = "Account deactivated"
    detail = "Ask an administrator to activate the account again."


class EmailUnverified(DomainError):
    """The password is right, but nobody has proven yet to receive mail at the address."""

    kind = Kind.UNAUTHENTICATED
    code = "email-unverified"
    title = "E-mail address not confirmed"
    detail = "Follow the link that was mailed to this address, or ask for a new one."
