"""Which keys."""

from collections.abc import Sequence

from sqlalchemy import select, text

from userapi.db.repository import Repository
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.models import StoredKey


class SigningKeyRepository(Repository):
    """The keys of the ring, retired ones included."""

    def lock(self) -> None:
        """Let one transaction at a time change the ring; reading goes on."""
        # On SQLite every transaction that may write is alone in any case.
        if self._session.get_bind().dialect.name == "postgresql":
            lock = text("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
            self._session.execute(lock)

    def add(self, key: StoredKey) -> None:
        """Insert a new key."""
        self._add(key)

    def all(self) -> Sequence[StoredKey]:
        """Return every key, in the order in which they were made."""
        query = select(StoredKey).order_by(StoredKey.created_at, StoredKey.id)
        return self._session.scalars(query).all()

    def usable(self, algorithm: Algorithm) -> Sequence[StoredKey]:
        """Return the keys of that algorithm that were not retired."""
        query = select(StoredKey).where(
            StoredKey.algorithm == algorithm, StoredKey.retired_at.is_(None)
        )
        return self._session.scalars(query).all()

    def get(self, key_id: str) -> StoredKey | None:
        """Return the key with that id."""
        return self._session.get(StoredKey, key_id)
