"""What can go wrong with rate limits.

DomainError
└── RateLimited
    └── TooManyRequests   the client or its user has used up what it may do for now
OperatorError             told to whoever runs a command; no operation answers with it
└── StoreSilent           the Redis that is named does not answer
"""

from userapi.kit.errors import OperatorError, RateLimited


class TooManyRequests(RateLimited):
    """Requests from this network address, or of this user, have used up a limit for now."""

    code = "too-many-requests"
    title = "Too many requests"
    detail = "Try again after the number of seconds in the `Retry-After` header."


class StoreSilent(OperatorError):
    """The Redis that is named does not answer, or does not let us in; `reason` is in its words."""

    message = "check host, port and password in RATELIMIT_STORAGE_URI, and that Redis runs"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        """Return the reason and the message."""
        return f"rate limits cannot be counted: {self.reason.rstrip('.')}; {self.message}"
