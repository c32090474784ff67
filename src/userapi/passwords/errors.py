"""What can go wrong with the password of somebody who is signed in.

DomainError
├── WrongPassword          it is not the caller's password
└── RateLimited
    ├── PasswordDelayed    too many wrong ones: only later again
    └── PasswordLocked     so many wrong ones that somebody has to end that
"""

from userapi.kit.errors import DomainError, HashingBusy, Kind, RateLimited


class WrongPassword(DomainError):
    """It is not the caller's password; the session goes on."""

    kind = Kind.FORBIDDEN
    code = "wrong-password"
    title = "Wrong password"
    detail = "This is not the current password of the account."


class PasswordDelayed(RateLimited):
    """Too many passwords were wrong; the next one is looked at only later."""

    code = "password-delayed"
    title = "Too many wrong passwords; try again later"
    detail = "Try again after the number of seconds in the `Retry-After` header."


class PasswordLocked(RateLimited):
    """So many passwords were wrong that none is looked at until somebody ends that."""

    code = "password-locked"
    title = "Too many wrong passwords"
    detail = "Reset the password by mail, or ask an administrator to unlock the account."


PROOF_ERRORS = (HashingBusy, PasswordDelayed, PasswordLocked, WrongPassword)
"""What every operation raises that asks signed-in callers for their password."""
