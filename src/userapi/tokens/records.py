"""What there is to know of keys."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KeyState(StrEnum):
    """What a key does at the moment; one for another algorithm than today's is unused."""

    PUBLISHED = "published"
    SIGNING = "signing"
    VERIFYING = "verifying"
    UNUSED = "unused"
    RETIRED = "retired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StoredKeyRecord:
    """A key of the ring as it is stored; a retired one has no private half.

    `retirement_is_recorded` says whether the audit trail tells of its retirement.
    """

    id: str
    algorithm: str
    public_jwk: dict[str, str]
    sealed_private_key: bytes | None
    created_at: datetime
    activates_at: datetime
    retired_at: datetime | None
    authentication_tag: bytes | None = None
    retirement_is_recorded: bool = False


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What there is to know of a key; one that is a file has no times."""

    key_id: str
    algorithm: str
    state: KeyState
    created_at: datetime | None = None
    activates_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JWKSet:
    """The public halves of the keys as JWKs, and for how many seconds they may be kept."""

    keys: Sequence[dict[str, str]]
    max_age: int

    @property
    def tag(self) -> str:
        """What changes exactly when the keys do."""
        content = json.dumps(self.keys, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]
