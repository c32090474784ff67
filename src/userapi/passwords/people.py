"""Whose password it is, and whom to tell."""

from userapi.mail.records import Recipient
from userapi.passwords.weakness import Person
from userapi.users.records import UserRecord


def person_of(user: UserRecord) -> Person:
    """Return what a password may not be made of."""
    return Person(email=user.email, first_name=user.first_name, last_name=user.last_name)


def recipient_of(user: UserRecord) -> Recipient:
    """Return whom a mail to that user is for."""
    return Recipient(
        address=user.email, user_id=user.id, language=user.language, name=user.first_name
    )
