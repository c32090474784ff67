"""What can go wrong when admins look after accounts.

DomainError
└── AccountNotMailed   no mail can go to that address now
"""

from userapi.kit.errors import DomainError, Kind


class AccountNotMailed(DomainError):
    """No mail can go to that address now: nobody could choose a password."""

    kind = Kind.CONFLICT
    code = "account-not-mailed"
    title = "No mail can be sent"
    detail = (
        "The service sends no mail, or this address was sent too many within the hour. No account "
        "was made."
    )
