"""Keys that are rows of the database: those that are ours, and those that are refused."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from userapi.tokens.keys.authentication import (
    KeySecrets,
    ensure_made_as_recorded,
    is_authentic,
    private_half,
)
from userapi.tokens.keys.material import signer_of
from userapi.tokens.keys.signing import Algorithm, SigningKey
from userapi.tokens.records import StoredKeyRecord

_log = logging.getLogger(__name__)


class KeyRows(Protocol):
    """The rows, and what the audit trail tells of them; implemented by the repository."""

    def list(self) -> Sequence[StoredKeyRecord]:
        """Return every key, in the order in which they were made."""
        ...

    def creations_of(self, key_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the details of the events that tell how the key was made."""
        ...


@dataclass(frozen=True, slots=True)
class KeyReading:
    """All rows, the keys among them that sign and verify, and why others are refused, by id."""

    rows: Sequence[StoredKeyRecord]
    usable: Sequence[SigningKey]
    refused: Mapping[str, str]


class StoredKeys:
    """Implements `ring.KeySource` with the table; one object serves every thread of a process."""

    def __init__(self, *, rows: KeyRows, secrets: KeySecrets, algorithm: Algorithm) -> None:
        self._rows = rows
        self._secrets = secrets
        self._algorithm = algorithm
        self._logged: set[tuple[str, str]] = set()

    def usable_keys(self) -> Sequence[SigningKey]:
        """Return the keys that were not retired; one that is not ours is left out."""
        return self.read().usable

    def read(self) -> KeyReading:
        """Read all rows; one that is refused is an error in the log, once in a process."""
        rows = self._rows.list()
        usable: list[SigningKey] = []
        refused: dict[str, str] = {}
        for row in rows:
            try:
                usable += self._usable(row)
            except ValueError as error:
                refused[row.id] = str(error)
        for key_id, reason in refused.items():
            self._log_refusal(key_id, reason)
        return KeyReading(rows, usable, refused)

    def _usable(self, row: StoredKeyRecord) -> list[SigningKey]:
        """Return the row's key if it is of use; raise `ValueError` when it is not ours."""
        if row.retired_at is not None:
            self._ensure_retired(row)
            return []
        if row.retirement_is_recorded:
            message = "it was retired, and is back"
            raise ValueError(message)
        if row.authentication_tag is not None and not is_authentic(row, self._secrets):
            message = "it was not written with this SECRET_KEY, or changed since"
            raise ValueError(message)
        private_key = private_half(row, self._secrets)
        if row.authentication_tag is None:
            ensure_made_as_recorded(row, self._rows.creations_of(row.id))
        if row.algorithm != self._algorithm:
            return []
        key = SigningKey(
            key_id=row.id,
            algorithm=self._algorithm,
            verifies_with=private_key.public_key(),
            signs_with=signer_of(private_key),
            active_from=row.activates_at,
        )
        return [key]

    def _ensure_retired(self, row: StoredKeyRecord) -> None:
        if not row.retirement_is_recorded and not is_authentic(row, self._secrets):
            message = "it is marked as retired, and nobody retired it"
            raise ValueError(message)

    def _log_refusal(self, key_id: str, reason: str) -> None:
        if (key_id, reason) not in self._logged:
            self._logged.add((key_id, reason))
            _log.error(
                "the signing key %.80r is refused: %s; to be rid of it: userapi keys retire KID",
                key_id,
                reason,
            )
