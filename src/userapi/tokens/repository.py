"""Which keys."""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any

from sqlalchemy import exists, select, text, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import InstrumentedAttribute

from userapi.audit.models import AuditEvent
from userapi.db.repository import Repository, columns_of, record_of
from userapi.db.rows import AnyRow, AnySelect
from userapi.tokens.events import KeyEvent
from userapi.tokens.keys.ring import ALWAYS
from userapi.tokens.models import StoredKey
from userapi.tokens.records import StoredKeyRecord

# SQLite keeps values of any type in any column, and SQLAlchemy hands these on as they are.
_TYPES: dict[str, type | UnionType] = {
    "id": str,
    "algorithm": str,
    "sealed_private_key": bytes | None,
    "authentication_tag": bytes | None,
}
_UNREADABLE = (ValueError, TypeError, RecursionError, DataError)


class SigningKeyRepository(Repository):
    """The keys of the ring, retired ones included."""

    def lock(self) -> None:
        """Let one transaction at a time change the ring; reading goes on."""
        # On SQLite every transaction that may write is alone in any case.
        if self._db.get_bind().dialect.name == "postgresql":
            lock = text("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
            self._db.execute(lock)

    def list(self) -> Sequence[StoredKeyRecord]:
        """Return every key, in the order in which they were made.

        In place of a row that cannot be read stands one without any content.
        """
        keys = _select_keys().order_by(StoredKey.created_at, StoredKey.id)
        try:
            return [_record(row) for row in self._read(keys)]
        except _UNREADABLE:
            ids = self._read(keys.with_only_columns(StoredKey.id))
            return [self._readable(row.id) for row in ids]

    def creations_of(self, key_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the details of the events that tell how the key was made."""
        events = _events(KeyEvent.CREATED, key_id).with_only_columns(AuditEvent.details)
        return [row.details for row in self._read(events)]

    def add(self, key: StoredKeyRecord) -> None:
        """Insert a key."""
        self._add(StoredKey(**_values_of(key)))

    def update(self, key: StoredKeyRecord) -> None:
        """Make a stored key what the record says; all of them must be locked."""
        self._db.execute(update(StoredKey).where(StoredKey.id == key.id).values(_values_of(key)))

    def _readable(self, key_id: str) -> StoredKeyRecord:
        try:
            return _record(self._read(_select_keys().where(StoredKey.id == key_id))[0])
        except _UNREADABLE:
            return StoredKeyRecord(
                id=str(key_id),
                algorithm="",
                public_jwk={},
                sealed_private_key=None,
                created_at=ALWAYS,
                activates_at=ALWAYS,
                retired_at=None,
            )


def _record(row: AnyRow) -> StoredKeyRecord:
    record = record_of(StoredKeyRecord, row)
    for name, expected in _TYPES.items():
        if not isinstance(getattr(record, name), expected):
            message = f"{name} has a value of another type"
            raise TypeError(message)
    return record


def _select_keys() -> AnySelect:
    recorded = exists(_events(KeyEvent.RETIRED, StoredKey.id).correlate(StoredKey))
    return select(*columns_of(StoredKey, StoredKeyRecord, retirement_is_recorded=recorded))


def _events(event: KeyEvent, key_id: str | InstrumentedAttribute[str]) -> AnySelect:
    return select(AuditEvent.id).where(AuditEvent.event == event, AuditEvent.object_id == key_id)


def _values_of(key: StoredKeyRecord) -> dict[str, Any]:
    columns = StoredKey.__table__.columns.keys()
    return {name: getattr(key, name) for name in columns}
