"""What happens to signing keys."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    NoKeyRing,
    NoSigningKey,
)
from userapi.tokens.events import KeyEvent
from userapi.tokens.keys.material import (
    new_private_key,
    public_jwk,
    public_key,
    seal,
    signer_of,
    unseal,
)
from userapi.tokens.keys.ring import DEFAULT_AGES, KeyAges, signer_among
from userapi.tokens.keys.signing import Algorithm, KeyRing, SigningKey
from userapi.tokens.models import StoredKey
from userapi.tokens.records import JWKSet, KeyRecord, KeyState, StoredKeyRecord
from userapi.tokens.repository import SigningKeyRepository

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyConfig:
    """How keys are stored: the key that encrypts them, and the JWKS's max-age in seconds.

    `ages` is how old each process's keys may be.
    """

    sealing_key: bytes = field(repr=False)
    max_age: int
    in_files: bool = False
    ages: KeyAges = DEFAULT_AGES


class StoredKeys:
    """Implements `ring.KeySource` with the table."""

    def __init__(
        self, *, keys: SigningKeyRepository, sealing_key: bytes, algorithm: Algorithm
    ) -> None:
        self._keys = keys
        self._sealing_key = sealing_key
        self._algorithm = algorithm

    def usable_keys(self) -> Sequence[SigningKey]:
        """Return the keys that were not retired.

        One whose private half was encrypted under another SECRET_KEY is logged and only verifies.
        """
        return [self._key(row) for row in self._keys.list_usable(self._algorithm)]

    def _key(self, row: StoredKeyRecord) -> SigningKey:
        signer = None
        try:
            signer = signer_of(unseal(row.sealed_private_key or b"", row.id, self._sealing_key))
        except ValueError as error:
            _log.warning("the signing key %s only verifies: %s", row.id, error)
        return SigningKey(
            key_id=row.id,
            algorithm=self._algorithm,
            verifies_with=public_key(row.public_jwk),
            signs_with=signer,
            active_from=row.activates_at,
        )


class SigningKeyService:
    """The key ring: publishing it and, where it is in the database, changing it."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        keys: SigningKeyRepository,
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
        self._stored = StoredKeys(
            keys=keys, sealing_key=config.sealing_key, algorithm=ring.algorithm
        )

    def ensure_signs(self) -> None:
        """Raise `NoSigningKey` where no token could be made."""
        self._ring.signing_key()

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
        usable = self._stored.usable_keys() if self._ring.algorithm.has_key_ring else []
        return [_record(row, usable, now) for row in self._keys.list()]

    def generate(self) -> KeyRecord:
        """Make the first key, which signs at once; raise `KeyRingNotEmpty` if there is one.

        Raises `NoKeyRing` and `KeysAreFiles` where no key can be made.
        """
        self._ensure_writable()
        with self._transaction as tx:
            self._keys.lock()
            if self._signers():
                raise KeyRingNotEmpty
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
            row = self._keys.get_for_update(key_id)
            if row is None:
                raise KeyNotFound
            if row.retired_at is not None:
                raise KeyRetired
            if [key.key_id for key in self._signers()] == [key_id]:
                raise LastSigningKey
            row.retired_at = self._clock()
            row.sealed_private_key = None
            self._record(KeyEvent.RETIRED, self._keys.save(row))
            tx.commit()

    def _ensure_writable(self) -> None:
        if not self._ring.algorithm.has_key_ring:
            raise NoKeyRing
        if self._config.in_files:
            raise KeysAreFiles

    def _signers(self) -> Sequence[SigningKey]:
        """Return the stored keys that can sign at this moment."""
        now = self._clock()
        if not self._ring.algorithm.has_key_ring:
            return []
        return [
            key
            for key in self._stored.usable_keys()
            if key.signs_with is not None and key.active_from <= now
        ]

    def _add(self, lead: timedelta) -> KeyRecord:
        now = self._clock()
        private_key = new_private_key(self._ring.algorithm)
        key_id = secrets.token_hex(8)
        key = self._keys.save(
            StoredKey(
                id=key_id,
                algorithm=self._ring.algorithm,
                public_jwk=public_jwk(private_key.public_key()),
                sealed_private_key=seal(private_key, key_id, self._config.sealing_key),
                created_at=now,
                activates_at=now + lead,
            )
        )
        self._record(KeyEvent.CREATED, key)
        return _record(key, self._stored.usable_keys(), now)

    def _record(self, event: Event, row: StoredKeyRecord) -> None:
        details = {"algorithm": str(row.algorithm), "activates_at": timestamp(row.activates_at)}
        self._audit.record(None, event, object=row.id, details=details)


def _record(row: StoredKeyRecord, usable: Sequence[SigningKey], now: datetime) -> KeyRecord:
    state = KeyState.RETIRED if row.retired_at else _state(row.id, usable, now)
    return KeyRecord(
        key_id=row.id,
        algorithm=row.algorithm,
        state=state,
        created_at=row.created_at,
        activates_at=row.activates_at,
        retired_at=row.retired_at,
    )


def _state(key_id: str | None, usable: Sequence[SigningKey], now: datetime) -> KeyState:
    signer = signer_among(usable, now)
    if signer is not None and signer.key_id == key_id:
        return KeyState.SIGNING
    is_coming = any(key.key_id == key_id and key.active_from > now for key in usable)
    return KeyState.PUBLISHED if is_coming else KeyState.VERIFYING
