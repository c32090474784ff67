"""What happens to signing keys."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock, timestamp
from userapi.kit.events import Event
from userapi.kit.transaction import Transaction
from userapi.tokens.errors import (
    KeyNotFound,
    KeyRetired,
    KeyRingNotEmpty,
    KeysAreFiles,
    LastSigningKey,
    NoKeyInFolder,
    NoKeyRing,
    NoKeyToSign,
    NoSigningKey,
    SigningKeysRefused,
)
from userapi.tokens.events import KeyEvent
from userapi.tokens.keys.authentication import KeySecrets, with_tag
from userapi.tokens.keys.material import new_private_key, public_jwk, seal
from userapi.tokens.keys.ring import DEFAULT_AGES, KeyAges, signer_among
from userapi.tokens.keys.signing import KeyRing, SigningKey
from userapi.tokens.keys.stored import KeyReading, StoredKeys
from userapi.tokens.records import JWKSet, KeyRecord, KeyState, StoredKeyRecord
from userapi.tokens.repository import SigningKeyRepository


@dataclass(frozen=True, slots=True)
class KeyConfig:
    """How keys are stored: what encrypts and authenticates them, and the JWKS's max-age in seconds.

    `ages` is how old each process's keys may be.
    """

    secrets: KeySecrets
    max_age: int
    in_files: bool = False
    ages: KeyAges = DEFAULT_AGES


class SigningKeyService:
    """The key ring: publishing it and, where it is in the database, changing it."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        keys: SigningKeyRepository,
        stored: StoredKeys,
        ring: KeyRing,
        config: KeyConfig,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._keys = keys
        self._ring = ring
        self._config = config
        self._audit = audit
        self._clock = clock
        self._stored = stored

    def ensure_signs(self) -> None:
        """Raise `NoKeyToSign`, or `NoKeyInFolder`, where no token could be made."""
        try:
            self._ring.signing_key()
        except NoSigningKey:
            raise (NoKeyInFolder if self._config.in_files else NoKeyToSign) from None

    def ensure_none_refused(self) -> None:
        """Raise `SigningKeysRefused` where a stored key is not ours; HS256 and files have none."""
        is_stored = self._ring.algorithm.has_key_ring and not self._config.in_files
        if is_stored and self._stored.read().refused:
            raise SigningKeysRefused

    def published(self) -> JWKSet:
        """Return the public halves of all keys that were not retired; none for HS256."""
        keys = [
            {
                **public_jwk(key.verifies_with),
                "use": "sig",
                "alg": str(key.algorithm),
                "kid": key.key_id,
            }
            for key in self._ring.published()
            if key.key_id is not None and not isinstance(key.verifies_with, str)
        ]
        return JWKSet(keys, self._config.max_age)

    def list(self) -> Sequence[KeyRecord]:
        """Return every key, in the order in which they were made; retired ones too."""
        now = self._clock()
        if self._config.in_files:
            keys = self._ring.published()
            return [
                KeyRecord(key.key_id or "", key.algorithm, _state(key.key_id, keys, now))
                for key in keys
            ]
        reading = self._stored.read()
        return [_record(row, reading, now) for row in reading.rows]

    def generate(self) -> KeyRecord:
        """Make the first key, which signs at once; raise `KeyRingNotEmpty` if there is one.

        Raises `NoKeyRing` and `KeysAreFiles` where no key can be made.
        """
        self._ensure_writable()
        with self._transaction as tx:
            self._keys.lock()
            if self._signers():
                raise KeyRingNotEmpty
            self._authenticate_all()
            record = self._add(timedelta())
            tx.commit()
        return record

    def rotate(self) -> KeyRecord:
        """Make a key that takes over when everybody can know it; raise `NoSigningKey` first.

        That is the max-age of the JWKS from now, and the time in which all processes have
        read it. Raises `NoKeyRing` and `KeysAreFiles` where no key can be made.
        """
        self._ensure_writable()
        with self._transaction as tx:
            self._keys.lock()
            if not self._signers():
                raise NoSigningKey
            self._authenticate_all()
            record = self._add(timedelta(seconds=self._config.max_age) + self._config.ages.oldest)
            tx.commit()
        return record

    def retire(self, key_id: str) -> None:
        """End a key: its tokens are refused, and its private half is deleted.

        Raises `KeyNotFound`, `KeyRetired`, `KeysAreFiles`, and `LastSigningKey` when no other
        key could sign.
        """
        if self._config.in_files:
            raise KeysAreFiles
        with self._transaction as tx:
            self._keys.lock()
            reading = self._stored.read()
            row = next((row for row in reading.rows if row.id == key_id), None)
            if row is None:
                raise KeyNotFound
            if row.retired_at is not None and key_id not in reading.refused:
                raise KeyRetired
            if [key.key_id for key in self._signers()] == [key_id]:
                raise LastSigningKey
            self._authenticate_all()
            self._store(replace(row, retired_at=self._clock(), sealed_private_key=None))
            self._record(KeyEvent.RETIRED, row)
            tx.commit()

    def _ensure_writable(self) -> None:
        if not self._ring.algorithm.has_key_ring:
            raise NoKeyRing
        if self._config.in_files:
            raise KeysAreFiles

    def _signers(self) -> Sequence[SigningKey]:
        """Return the stored keys that can sign at this moment."""
        now = self._clock()
        return [key for key in self._stored.usable_keys() if key.active_from <= now]

    def _authenticate_all(self) -> None:
        """Give those keys a tag that are ours, and were made before there were tags."""
        reading = self._stored.read()
        for row in reading.rows:
            if row.authentication_tag is None and row.id not in reading.refused:
                self._store(row)

    def _store(self, row: StoredKeyRecord) -> None:
        self._keys.update(with_tag(row, self._config.secrets))

    def _add(self, lead: timedelta) -> KeyRecord:
        now = self._clock()
        private_key = new_private_key(self._ring.algorithm)
        key_id = secrets.token_hex(8)
        row = StoredKeyRecord(
            id=key_id,
            algorithm=self._ring.algorithm,
            public_jwk=public_jwk(private_key.public_key()),
            sealed_private_key=seal(private_key, key_id, self._config.secrets.sealing),
            created_at=now,
            activates_at=now + lead,
            retired_at=None,
        )
        self._keys.add(with_tag(row, self._config.secrets))
        self._record(KeyEvent.CREATED, row)
        return _record(row, self._stored.read(), now)

    def _record(self, event: Event, row: StoredKeyRecord) -> None:
        details = {"algorithm": str(row.algorithm), "activates_at": timestamp(row.activates_at)}
        self._audit.record(None, event, object=row.id, details=details)


def _record(row: StoredKeyRecord, reading: KeyReading, now: datetime) -> KeyRecord:
    state = KeyState.RETIRED if row.retired_at else _state(row.id, reading.usable, now)
    return KeyRecord(
        key_id=row.id,
        algorithm=row.algorithm,
        state=KeyState.REFUSED if row.id in reading.refused else state,
        created_at=row.created_at,
        activates_at=row.activates_at,
        retired_at=row.retired_at,
    )


def _state(key_id: str | None, usable: Sequence[SigningKey], now: datetime) -> KeyState:
    key = next((key for key in usable if key.key_id == key_id), None)
    if key is None:
        return KeyState.UNUSED
    if key is signer_among(usable, now):
        return KeyState.SIGNING
    return KeyState.PUBLISHED if key.active_from > now else KeyState.VERIFYING
