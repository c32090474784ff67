"""What can go wrong with a one-time token.

DomainError
└── LinkInvalid   the token was used, replaced or made void, has expired, or never was one
"""

from userapi.kit.errors import DomainError, Kind


class LinkInvalid(DomainError):
    """The token works no more, or never did; which of these is not told."""

    kind = Kind.FORBIDDEN
    code = "link-invalid"
    title = "Link no longer valid"
    detail = "The link was used already, has expired, or was replaced; ask for a new one."
