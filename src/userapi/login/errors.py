"""What can go wrong when logging in.

DomainError
├── InvalidCredentials    no account has this address, or the password is wrong
└── AccountDeactivated    the password is right, but the account is switched off
"""

from userapi.kit.errors import DomainError, Kind


class InvalidCredentials(DomainError):
    """No account has this address, or the password is wrong; which of the two is not told."""

    kind = Kind.UNAUTHENTICATED
    code = "invalid-credentials"
    title = "The e-mail address or the password is wrong"
    detail = "No account matches this e-mail address and password."


class AccountDeactivated(DomainError):
    """The password is right, but the account is switched off."""

    kind = Kind.UNAUTHENTICATED
    code = "account-deactivated"
    title = "The account is deactivated"
    detail = "This account was deactivated; ask an administrator to activate it again."
