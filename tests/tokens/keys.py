"""Keys for tests, and where a ring finds them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from userapi.tokens.keys.material import new_private_key, signer_of
from userapi.tokens.keys.ring import ALWAYS
from userapi.tokens.keys.signing import Algorithm, SigningKey

ASYMMETRIC = [Algorithm.EDDSA, Algorithm.ES256]


def new_key(key_id: str, algorithm: Algorithm = Algorithm.EDDSA) -> SigningKey:
    """Return a key that may sign."""
    private_key = new_private_key(algorithm)
    return SigningKey(
        key_id=key_id,
        algorithm=algorithm,
        verifies_with=private_key.public_key(),
        signs_with=signer_of(private_key),
        active_from=ALWAYS,
    )


def public_half(key: SigningKey) -> SigningKey:
    """Return the key without what it signs with."""
    return replace(key, signs_with=None)


@dataclass
class CountedSource:
    """Keys, and how often they were read."""

    keys: list[SigningKey] = field(default_factory=list)
    reads: int = 0

    def usable_keys(self) -> Sequence[SigningKey]:
        """Return them."""
        self.reads += 1
        return list(self.keys)
