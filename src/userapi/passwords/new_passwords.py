"""The passwords that people choose: refused or hashed."""

from typing import Protocol

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.passwords import PasswordHasher, normal_password
from userapi.passwords.weakness import PasswordRules, Person, Weakness


class BreachCheck(Protocol):
    """Knows passwords from data breaches."""

    def is_breached(self, password: str) -> bool:
        """Say whether that password is known; False where nobody can tell."""
        ...


class NewPasswords:
    """Refuses passwords that are easy to guess, and hashes the others.

    Both take time: never call it within a transaction or in a slot of the hashing queue.
    """

    def __init__(
        self, *, rules: PasswordRules, breaches: BreachCheck | None, passwords: PasswordHasher
    ) -> None:
        self._rules = rules
        self._breaches = breaches
        self._passwords = passwords

    def ensure_good(self, password: str, person: Person, *, field: str = "password") -> None:
        """Refuse a password that is not good enough for that person.

        Raises `InvalidInput`, which names the `field` and the reason.
        """
        weakness = self._find_weakness(normal_password(password), person)
        if weakness is not None:
            raise InvalidInput([FieldError(weakness.code, weakness.detail, pointer=f"/{field}")])

    def hash(self, password: str) -> str:
        """Return the hash of a password that is good enough; raise `HashingBusy`."""
        return self._passwords.hash(password)

    def ensured_hash(self, password: str, person: Person, *, field: str = "password") -> str:
        """Do both: refuse the password, or return its hash."""
        self.ensure_good(password, person, field=field)
        return self.hash(password)

    def _find_weakness(self, password: str, person: Person) -> Weakness | None:
        weakness = self._rules.find_weakness(password, person)
        if weakness is None and self._breaches and self._breaches.is_breached(password):
            return Weakness.BREACHED
        return weakness
