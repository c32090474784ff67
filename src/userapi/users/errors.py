"""What can go wrong with a user.

DomainError
├── UserNotFound   there is no such user, or it was deleted
├── EmailTaken     a living account has this e-mail address
└── LastAdmin      the change would leave no active administrator
"""

from userapi.kit.errors import DomainError, Kind


class UserNotFound(DomainError):
    """There is no such user, or it was deleted."""

    kind = Kind.NOT_FOUND
    code = "user-not-found"
    title = "User not found"
    detail = "No user has this id; it may have been deleted."


class EmailTaken(DomainError):
    """A living account has this e-mail address."""

    kind = Kind.CONFLICT
    code = "email-taken"
    title = "E-mail address already in use"
    detail = "An account with this e-mail address exists; log in, or use another address."


class LastAdmin(DomainError):
    """The change would leave no active administrator."""

    kind = Kind.CONFLICT
    code = "last-admin"
    title = "The last administrator must remain"
    detail = "At least one active administrator must remain; make another user an admin first."
