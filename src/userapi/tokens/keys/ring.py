"""The keys of the moment, kept in the process and read again every few seconds."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from userapi.kit.clock import Clock
from userapi.tokens.errors import NoSigningKey
from userapi.tokens.keys.signing import Algorithm, SigningKey

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""The start of a key that has none."""
MAX_PUBLISHED_KEYS = 1_000
"""The limit of the keys that others are told."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class KeyAges:
    """How old the keys of a process may be.

    From `renewed` on the next call reads them again, while others use what is there; from `oldest`
    on every call waits for that. An unknown key is looked for once in `oldest`.
    """

    renewed: timedelta = timedelta(seconds=5)
    oldest: timedelta = timedelta(seconds=10)


DEFAULT_AGES = KeyAges()


class KeySource(Protocol):
    """Where the keys of a ring are kept."""

    def usable_keys(self) -> Sequence[SigningKey]:
        """Return the keys that were not retired."""
        ...


def is_key_id(text: str) -> bool:
    """Say whether a key may have that id."""
    return _KEY_ID.fullmatch(text) is not None


def signer_among(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs at `now`: of those that may and can, the one begun last."""
    able = [key for key in keys if key.signs_with is not None and key.active_from <= now]
    return max(able, key=_order, default=None)


def _order(key: SigningKey) -> tuple[datetime, str]:
    return key.active_from, key.key_id or ""


class CachedKeyRing:
    """Implements `tokens.keys.signing.KeyRing`; one object serves every thread of a process.

    What it says is never older than the oldest of its `ages`.
    """

    def __init__(
        self,
        *,
        algorithm: Algorithm,
        source: KeySource,
        clock: Clock,
        ages: KeyAges = DEFAULT_AGES,
    ) -> None:
        self.algorithm = algorithm
        self._ages = ages
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str | None, SigningKey] = {}
        self._read_at = self._searched_at = ALWAYS

    def signing_key(self) -> SigningKey:
        """Return the key that signs now; raise `NoSigningKey` where none can."""
        signer = signer_among(self.published(), self._clock())
        if signer is None:
            raise NoSigningKey
        return signer

    def find(self, key_id: str | None) -> SigningKey | None:
        """Return the key with that id, if its tokens are accepted.

        For an id that it does not know it reads the keys again, but not often: anybody can
        make ids up.
        """
        if key_id is None or not is_key_id(key_id):
            return None
        return self._current().get(key_id) or self._search(key_id)

    def published(self) -> Sequence[SigningKey]:
        """Return the keys whose public halves are for everybody, in the order of their start.

        Of more than `MAX_PUBLISHED_KEYS` these are the last.
        """
        return sorted(self._current().values(), key=_order)[-MAX_PUBLISHED_KEYS:]

    def _current(self) -> Mapping[str | None, SigningKey]:
        age = self._since(self._read_at)
        if age >= self._ages.renewed and self._lock.acquire(blocking=age >= self._ages.oldest):
            try:
                if self._since(self._read_at) >= self._ages.renewed:
                    self._read()
            finally:
                self._lock.release()
        return self._keys

    def _search(self, key_id: str) -> SigningKey | None:
        with self._lock:
            if self._since(self._searched_at) >= self._ages.oldest:
                self._searched_at = self._clock()
                self._read()
        return self._keys.get(key_id)

    def _read(self) -> None:
        begun_at = self._clock()
        self._keys = {key.key_id: key for key in self._source.usable_keys()}
        self._read_at = begun_at

    def _since(self, moment: datetime) -> timedelta:
        """Return the time since then; when the clock was put back, as much as can be."""
        passed = self._clock() - moment
        return passed if passed >= timedelta() else timedelta.max


class SharedSecret:
    """Implements `KeyRing` for HS256: one secret, without id and never published."""

    algorithm = Algorithm.HS256

    def __init__(self, *, secret: str) -> None:
        self._key = SigningKey(
            key_id=None,
            algorithm=Algorithm.HS256,
            verifies_with=secret,
            signs_with=secret,
            active_from=ALWAYS,
        )

    def signing_key(self) -> SigningKey:
        """Return the one key."""
        return self._key

    def find(self, key_id: str | None) -> SigningKey | None:
        """Return the one key, which has no id."""
        return self._key if key_id is None else None

    def published(self) -> Sequence[SigningKey]:
        """Return nothing: it has no public half."""
        return ()
