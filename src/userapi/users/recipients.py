"""Whom the mails to users are for."""

from userapi.mail.records import Recipient
from userapi.users.records import UserRecord


def recipient_of(user: UserRecord) -> Recipient:
    """Return whom a mail to that user is for."""
    return Recipient(
        address=user.email,
        user_id=user.id,
        language=user.language,
        name=user.first_name,
        is_proven=user.email_verified,
    )
