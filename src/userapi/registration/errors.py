"""Why a registration is not even tried.

DomainError
└── RateLimited
    └── RegistrationsLimited   all clients together have registered too many accounts
"""

from userapi.kit.errors import RateLimited


class RegistrationsLimited(RateLimited):
    """All clients together have registered as many accounts as may be for now."""

    code = "registrations-limited"
    title = "Too many registrations"
    detail = "Try again after the number of seconds in the `Retry-After` header."
