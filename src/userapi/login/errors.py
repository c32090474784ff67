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
    title = "Wrong e-mail address or password"
    detail = "No account matches this e-mail address and password."


class AccountDeactivated(DomainError):
    """The password is right, but the account is switched off."""

    kind = Kind.UNAUTHENTICATED
    code = "account-deactivated"
    title = "Account deactivated"
    detail = "Ask an administrator to activate the account again."
