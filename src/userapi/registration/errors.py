"""Why there is no account, or no other address for it.

DomainError
├── RegistrationClosed         nobody may register here
├── InvitationRequired         only those may register who were invited
└── RateLimited
    ├── RegistrationsLimited   all clients together have registered too many accounts
    └── EmailChangesLimited    the account's address was changed too often
"""

from userapi.kit.errors import DomainError, Kind, RateLimited


class RegistrationClosed(DomainError):
    """Nobody may register here: operators and admins make the accounts."""

    kind = Kind.FORBIDDEN
    code = "registration-closed"
    title = "Registration is closed"
    detail = "Nobody may register here; ask an administrator for an account."


class InvitationRequired(DomainError):
    """Only those may register who were invited."""

    kind = Kind.FORBIDDEN
    code = "invitation-required"
    title = "Registration takes an invitation"
    detail = "Only those may register here who were invited; ask an administrator."


class RegistrationsLimited(RateLimited):
    """All clients together have registered as many accounts as may be for now."""

    code = "registrations-limited"
    title = "Too many registrations"
    detail = "Try again after the number of seconds in the `Retry-After` header."


class EmailChangesLimited(RateLimited):
    """The account's address was changed as often as can be undone."""

    code = "email-changes-limited"
    title = "The e-mail address was changed too often"
    detail = "Try again after the number of seconds in the `Retry-After` header."
