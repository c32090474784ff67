"""What can go wrong with rate limits.

DomainError
└── RateLimited
    └── TooManyRequests   the client has used up what it may do for now
"""

from userapi.kit.errors import RateLimited


class TooManyRequests(RateLimited):
    """Requests from this network address have used up what the operation allows for now."""

    code = "too-many-requests"
    title = "Too many requests"
    detail = "Try again after the number of seconds in the `Retry-After` header."
