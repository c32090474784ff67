"""Whether a stored key is one of ours: its row is authenticated as a whole.

Whoever can write to the table, but does not know `SECRET_KEY`, can take keys away, and neither add
one nor change what a key says.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from userapi.kit.clock import timestamp
from userapi.tokens.keys.material import algorithm_of, public_jwk, unseal
from userapi.tokens.keys.signing import PrivateKey
from userapi.tokens.records import StoredKeyRecord

_FORMAT = "userapi signing key 1"


@dataclass(frozen=True, slots=True)
class KeySecrets:
    """What encrypts the private halves, and what authenticates the rows: 32 bytes each."""

    sealing: bytes = field(repr=False)
    authentication: bytes = field(repr=False)


def with_tag(row: StoredKeyRecord, secrets: KeySecrets) -> StoredKeyRecord:
    """Return the row with the tag that all its other columns ask for."""
    return replace(row, authentication_tag=_tag_of(row, secrets))


def is_authentic(row: StoredKeyRecord, secrets: KeySecrets) -> bool:
    """Say whether the row has the tag that all its other columns ask for."""
    return hmac.compare_digest(_tag_of(row, secrets), row.authentication_tag or b"")


def private_half(row: StoredKeyRecord, secrets: KeySecrets) -> PrivateKey:
    """Return the private half; raise `ValueError` unless id, algorithm and public half are its."""
    key = unseal(row.sealed_private_key or b"", row.id, secrets.sealing)
    if algorithm_of(key) != row.algorithm or public_jwk(key.public_key()) != row.public_jwk:
        message = "its public half is not that of its private half"
        raise ValueError(message)
    return key


def ensure_made_as_recorded(row: StoredKeyRecord, creations: Sequence[Mapping[str, Any]]) -> None:
    """Raise `ValueError` unless the audit trail tells once of the key, with the same start.

    A private half proves neither; this is for rows from before there were tags. `creations` are
    the details of the events that tell how the key was made.
    """
    starts = [str(details.get("activates_at")) for details in creations]
    # Releases have written times in one way or the other.
    written = {row.activates_at.isoformat(), timestamp(row.activates_at)}
    if len(starts) != 1 or not written.issuperset(starts):
        message = "it has no authentication, and the audit trail does not tell that it was made so"
        raise ValueError(message)


def _tag_of(row: StoredKeyRecord, secrets: KeySecrets) -> bytes:
    sealed = row.sealed_private_key
    columns = [
        _FORMAT,
        row.id,
        row.algorithm,
        row.public_jwk,
        None if sealed is None else sealed.hex(),
        _time(row.created_at),
        _time(row.activates_at),
        _time(row.retired_at),
    ]
    content = json.dumps(columns, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(secrets.authentication, content, "sha256")


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="microseconds")
