"""Whose password it is."""

from userapi.passwords.weakness import Person
from userapi.users.records import UserRecord


def person_of(user: UserRecord) -> Person:
    """Return what a password may not be made of."""
    return Person(email=user.email, first_name=user.first_name, last_name=user.last_name)
