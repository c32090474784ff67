"""Which keys."""

from collections.abc import Sequence

from sqlalchemy import select, text

from userapi.db.repository import AnySelect, Repository, columns_of, record_of
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.models import StoredKey
from userapi.tokens.records import StoredKeyRecord


class SigningKeyRepository(Repository):
    """The keys of the ring, retired ones included."""

    def lock(self) -> None:
        """Let one transaction at a time change the ring; reading goes on."""
        # On SQLite every transaction that may write is alone in any case.
        if self._db.get_bind().dialect.name == "postgresql":
            lock = text("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
            self._db.execute(lock)

    def list(self) -> Sequence[StoredKeyRecord]:
        """Return every key, in the order in which they were made."""
        return self._records(_select_keys().order_by(StoredKey.created_at, StoredKey.id))

    def list_usable(self, algorithm: Algorithm) -> Sequence[StoredKeyRecord]:
        """Return the keys of that algorithm that were not retired."""
        return self._records(
            _select_keys().where(StoredKey.algorithm == algorithm, StoredKey.retired_at.is_(None))
        )

    def get_for_update(self, key_id: str) -> StoredKey | None:
        """Return the key with that id; it must be locked, with all the others."""
        return self._db.get(StoredKey, key_id)

    def save(self, key: StoredKey) -> StoredKeyRecord:
        """Insert or update a key, and return it as it is then."""
        return self._save(key, StoredKeyRecord)

    def _records(self, keys: AnySelect) -> Sequence[StoredKeyRecord]:
        return [record_of(StoredKeyRecord, row) for row in self._db.execute(keys)]


def _select_keys() -> AnySelect:
    return select(*columns_of(StoredKey, StoredKeyRecord))
