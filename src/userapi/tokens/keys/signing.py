"""Keys that sign tokens, and where the token format finds them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


class Algorithm(StrEnum):
    """How tokens are signed: with one shared secret, or with the private half of a key."""

    HS256 = "HS256"
    EDDSA = "EdDSA"
    ES256 = "ES256"

    @property
    def has_key_ring(self) -> bool:
        """Whether its keys have two halves and ids, and change while the service runs."""
        return self is not Algorithm.HS256


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, for one algorithm only; what is secret in it is never shown.

    `key_id` is the `kid` of its tokens, None for the one shared secret. Without `signs_with`
    it only verifies. From `active_from` on it may sign.
    """

    key_id: str | None
    algorithm: Algorithm
    verifies_with: str | PublicKey = field(repr=False)
    signs_with: str | PrivateKey | None = field(repr=False)
    active_from: datetime


class KeyRing(Protocol):
    """The keys of the moment, all of one algorithm; it asks no store on most calls."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm of all keys."""
        ...

    def signing_key(self) -> SigningKey:
        """Return the key that signs now; raise `NoSigningKey` where none can."""
        ...

    def find(self, key_id: str | None) -> SigningKey | None:
        """Return the key with that id, if its tokens are accepted."""
        ...

    def published(self) -> Sequence[SigningKey]:
        """Return the keys whose public halves are for everybody, in the order of their start."""
        ...
