"""What can go wrong with an account.

DomainError
└── EmailTaken   a living account has this e-mail address
"""

from userapi.kit.errors import DomainError, Kind


class EmailTaken(DomainError):
    """A living account has this e-mail address."""

    kind = Kind.CONFLICT
    code = "email-taken"
    title = "The e-mail address is taken"
    detail = "An account with this e-mail address exists; log in, or use another address."
