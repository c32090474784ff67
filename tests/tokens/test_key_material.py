"""Both halves of a key: made, written, read and encrypted."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tokens.keys import ASYMMETRIC
from userapi.tokens.keys.material import (
    P256_ORDER,
    algorithm_of,
    new_private_key,
    public_jwk,
    public_key,
    read_pem,
    seal,
    signer_of,
    unseal,
)
from userapi.tokens.keys.signing import Algorithm, PrivateKey

SEALING_KEY = bytes(range(32))
algorithms = pytest.mark.parametrize("algorithm", ASYMMETRIC)


def as_pem(key: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    private = (PrivateFormat.PKCS8, encryption or NoEncryption())
    assert isinstance(key, PrivateKey | rsa.RSAPrivateKey)
    return key.private_bytes(Encoding.PEM, *private)


def raw_public(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@algorithms
def test_a_new_key_is_for_its_algorithm(algorithm: Algorithm) -> None:
    key = new_private_key(algorithm)

    assert (algorithm_of(key), algorithm_of(key.public_key())) == (algorithm, algorithm)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 2048),
        "text",
    ],
)
def test_other_keys_are_for_nothing(key: object) -> None:
    assert algorithm_of(key) is None


def test_signatures_on_p256_are_deterministic_with_the_lower_half() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = signer_of(key)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)

    for number in range(20):
        data = f"message {number}".encode()
        signature = signer.sign(data, ec.ECDSA(SHA256()))

        assert signature == signer.sign(data, ec.ECDSA(SHA256()))
        assert decode_dss_signature(signature)[1] <= P256_ORDER // 2
        key.public_key().verify(signature, data, ec.ECDSA(SHA256()))


def test_the_jwk_is_that_of_rfc_8037() -> None:
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = ed25519.Ed25519PrivateKey.from_private_bytes(private)

    assert public_jwk(key.public_key()) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }


@algorithms
def test_a_jwk_reads_as_the_key_that_it_was_written_from(algorithm: Algorithm) -> None:
    key = new_private_key(algorithm).public_key()

    assert public_key(public_jwk(key)) == key


def test_coordinates_of_a_jwk_have_their_full_length() -> None:
    jwks = [public_jwk(new_private_key(Algorithm.ES256).public_key()) for _ in range(300)]

    assert {len(jwk[name]) for jwk in jwks for name in "xy"} == {43}


# PEM


@algorithms
def test_both_halves_are_read_from_pem(algorithm: Algorithm) -> None:
    key = new_private_key(algorithm)
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    read = read_pem(as_pem(key))

    assert isinstance(read, PrivateKey)
    assert raw_public(read) == raw_public(key)
    assert read_pem(public_pem) == key.public_key()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        as_pem(new_private_key(Algorithm.EDDSA), BestAvailableEncryption(b"password")),
        as_pem(rsa.generate_private_key(65537, 2048)),
        as_pem(ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["empty", "text", "broken-private", "broken-public", "encrypted", "rsa", "p384"],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_pem(content)


# Encryption


@algorithms
def test_a_sealed_key_is_read_again(algorithm: Algorithm) -> None:
    key = new_private_key(algorithm)

    sealed = seal(key, "one", SEALING_KEY)

    assert raw_public(unseal(sealed, "one", SEALING_KEY)) == raw_public(key)


def test_a_sealed_key_is_another_each_time() -> None:
    key = new_private_key(Algorithm.EDDSA)

    assert seal(key, "one", SEALING_KEY) != seal(key, "one", SEALING_KEY)


def test_a_sealed_key_does_not_show_the_private_half() -> None:
    key = new_private_key(Algorithm.EDDSA)
    assert isinstance(key, ed25519.Ed25519PrivateKey)

    assert key.private_bytes_raw() not in seal(key, "one", SEALING_KEY)


@pytest.mark.parametrize(
    ("key_id", "sealing_key"), [("two", SEALING_KEY), ("one", SEALING_KEY[::-1])]
)
def test_a_sealed_key_is_bound_to_its_id_and_to_the_secret(key_id: str, sealing_key: bytes) -> None:
    sealed = seal(new_private_key(Algorithm.EDDSA), "one", SEALING_KEY)

    with pytest.raises(ValueError, match="cannot be read with this SECRET_KEY"):
        unseal(sealed, key_id, sealing_key)


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_a_sealed_key_that_was_altered_is_refused(place: int) -> None:
    sealed = bytearray(seal(new_private_key(Algorithm.EDDSA), "one", SEALING_KEY))
    sealed[place] ^= 1

    with pytest.raises(ValueError, match="cannot be read with this SECRET_KEY"):
        unseal(bytes(sealed), "one", SEALING_KEY)
