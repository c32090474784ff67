"""Keys that are files in a folder: one PEM file for each, named after the key's id."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from userapi.tokens.keys.material import algorithm_of, read_pem, signer_of
from userapi.tokens.keys.ring import ALWAYS, is_key_id
from userapi.tokens.keys.signing import Algorithm, PrivateKey, PublicKey, SigningKey

_log = logging.getLogger(__name__)


class KeyFolder:
    """Implements `ring.KeySource`: of the private keys the one with the last name signs.

    A public key only verifies. A file that is no key of the algorithm is logged and left out.
    """

    def __init__(self, *, folder: Path, algorithm: Algorithm) -> None:
        self._folder = folder
        self._algorithm = algorithm

    def usable_keys(self) -> Sequence[SigningKey]:
        """Return the keys in the folder."""
        return list(self._keys())

    def _keys(self) -> Iterator[SigningKey]:
        for path in sorted(self._folder.glob("*.pem")):
            try:
                key = read_pem(path.read_bytes())
            except (OSError, ValueError) as error:
                # Only the kind of error: what it says could be a part of the file.
                _log.error("no key can be read from %s: %s", path, type(error).__name__)
                continue
            if algorithm_of(key) is self._algorithm and is_key_id(path.stem):
                yield self._key(path.stem, key)
            else:
                _log.error("%s is not named like a key, or not one for %s", path, self._algorithm)

    def _key(self, key_id: str, key: PrivateKey | PublicKey) -> SigningKey:
        signer: PrivateKey | None = None
        if isinstance(key, PrivateKey):
            signer, key = signer_of(key), key.public_key()
        return SigningKey(
            key_id=key_id,
            algorithm=self._algorithm,
            verifies_with=key,
            signs_with=signer,
            active_from=ALWAYS,
        )
