"""Why a login is not even tried.

DomainError
└── RateLimited
    ├── LoginDelayed   too many failures: only later again
    └── LoginLocked    so many failures that an administrator has to unlock the account
"""

from userapi.kit.errors import RateLimited


class LoginDelayed(RateLimited):
    """Too many logins failed; the next try is let in only later."""

    code = "login-delayed"
    title = "Too many failed attempts; try again later"
    detail = "Try again after the number of seconds in the `Retry-After` header."


class LoginLocked(RateLimited):
    """So many logins failed in a row that none is let in until somebody unlocks the account."""

    code = "login-locked"
    title = "Too many failed attempts; sign-in is locked"
    detail = "Ask an administrator to unlock the account."
