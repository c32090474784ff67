"""What can go wrong with rate limits.

DomainError
└── RateLimited
    └── TooManyRequests   the client or its user has used up what it may do for now
"""

from userapi.kit.errors import RateLimited


class TooManyRequests(RateLimited):
    """Requests from this network address, or of this user, have used up a limit for now."""

    code = "too-many-requests"
    title = "Too many requests"
    detail = "Try again after the number of seconds in the `Retry-After` header."
