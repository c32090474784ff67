"""Password hashing with argon2id."""

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MIN_LENGTH = 8
PASSWORD_MAX_LENGTH = 128


@dataclass(frozen=True, slots=True)
class HashingCost:
    """The cost of one hash: passes over memory, memory in KiB, lanes."""

    time_cost: int
    memory_cost: int
    parallelism: int


STANDARD_COST = HashingCost(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's recommendation for argon2id: two passes over 19 MiB in one lane."""


class PasswordHasher:
    """Hashes and verifies passwords; the cost is part of each stored hash."""

    def __init__(self, *, cost: HashingCost) -> None:
        self._argon2 = Argon2(
            time_cost=cost.time_cost,
            memory_cost=cost.memory_cost,
            parallelism=cost.parallelism,
        )
        self._nobody = self.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """Return the encoded argon2id hash (PHC string) of `password`."""
        return self._argon2.hash(password)

    def verify(self, password: str, stored: str | None) -> bool:
        """Say whether `password` matches the `stored` hash.

        Without a stored hash (no such account) the answer is False, and costs the same.
        """
        try:
            self._argon2.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Say whether `stored` was made at another cost than today's."""
        return self._argon2.check_needs_rehash(stored)
