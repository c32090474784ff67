"""What a login is checked against, as it is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against: an account's id and the hash of its password."""

    id: int
    password_hash: str
