"""Making, writing and reading the two halves of keys: Ed25519 for EdDSA, P-256 for ES256."""

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)

from userapi.tokens.keys.signing import Algorithm, PrivateKey, PublicKey

JWK = Mapping[str, str]
"""A public key's members after RFC 7517 and RFC 8037: `kty`, `crv`, `x`, and `y` on a curve."""

_COORDINATE_BYTES = 32
_NONCE_BYTES = 12
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@ec.EllipticCurvePrivateKey.register
class DeterministicKey:
    """A private key on P-256 that signs the same bytes in the same way each time (RFC 6979).

    Of the two values that a signature's second half may have it writes the lower one.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve."""
        return self._key.curve

    def sign(self, data: bytes, signature_algorithm: ec.ECDSA) -> bytes:
        """Return the signature of `data`, in DER."""
        deterministic = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        first, second = decode_dss_signature(self._key.sign(data, deterministic))
        return encode_dss_signature(first, min(second, P256_ORDER - second))


def new_private_key(algorithm: Algorithm) -> PrivateKey:
    """Return a new key for EdDSA or ES256."""
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def algorithm_of(key: object) -> Algorithm | None:
    """Return what a key is for, whichever half it is; None for nothing of ours."""
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return Algorithm.EDDSA
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return Algorithm.ES256 if isinstance(key.curve, ec.SECP256R1) else None
    return None


def signer_of(key: PrivateKey) -> PrivateKey:
    """Return the key as tokens are signed with it: the same input gives the same signature."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        deterministic: PrivateKey = DeterministicKey(key)  # type: ignore[assignment] # registered
        return deterministic
    return key


def public_jwk(key: PublicKey) -> dict[str, str]:
    """Return a public half's JWK."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": _encode(key.public_bytes_raw())}
    numbers = key.public_numbers()
    x, y = (number.to_bytes(_COORDINATE_BYTES) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": _encode(x), "y": _encode(y)}


def public_key(jwk: JWK) -> PublicKey:
    """Return the public half that `public_jwk` wrote down."""
    x = _decode(jwk["x"])
    if jwk["kty"] == "OKP":
        return ed25519.Ed25519PublicKey.from_public_bytes(x)
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(x), int.from_bytes(_decode(jwk["y"])), ec.SECP256R1()
    )
    return numbers.public_key()


def read_pem(content: bytes) -> PrivateKey | PublicKey:
    """Return the key of a PEM file, either half; raise `ValueError` for anything else."""
    read = _read_private_pem if b"PRIVATE KEY-----" in content else load_pem_public_key
    try:
        key = read(content)
    except (TypeError, UnsupportedAlgorithm) as error:
        message = "the key is encrypted or of an unknown kind"
        raise ValueError(message) from error
    if algorithm_of(key) is None:
        message = "the key is neither an Ed25519 nor a P-256 key"
        raise ValueError(message)
    return key  # type: ignore[return-value] # it has one of our algorithms


def _read_private_pem(content: bytes) -> object:
    return load_pem_private_key(content, password=None)


def seal(key: PrivateKey, key_id: str, sealing_key: bytes) -> bytes:
    """Return a private half encrypted with AES-GCM: nonce and ciphertext, bound to its id."""
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(sealing_key).encrypt(nonce, plain, key_id.encode())


def unseal(sealed: bytes, key_id: str, sealing_key: bytes) -> PrivateKey:
    """Return the private half that `seal` encrypted.

    Raises `ValueError` with another sealing key, with another id, or when it was altered.
    """
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        plain = AESGCM(sealing_key).decrypt(nonce, ciphertext, key_id.encode())
    except InvalidTag as error:
        message = "the private half cannot be read with this SECRET_KEY"
        raise ValueError(message) from error
    return load_der_private_key(plain, password=None)  # type: ignore[return-value] # as sealed


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
