"""Why a login is not even tried.

DomainError
└── RateLimited
    ├── LoginDelayed   too many failures: only later again
    └── LoginLocked    so many failures that somebody has to lift the stop
"""

from userapi.kit.errors import RateLimited


class LoginDelayed(RateLimited):
    """Too many logins failed; the next try is let in only later."""

    code = "login-delayed"
    title = "Too many logins have failed"
    detail = "The `Retry-After` header tells after how many seconds to try again."


class LoginLocked(RateLimited):
    """So many logins failed in a row that none is let in until somebody lifts the stop."""

    code = "login-locked"
    title = "Logins with this e-mail address are stopped"
    detail = "Too many logins have failed in a row; an administrator can unlock it."
