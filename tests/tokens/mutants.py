"""Tokens that were never issued, made from some that were."""

import base64
import json
import random
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import der_to_raw_signature, raw_to_der_signature

from support.tokens import claims_of
from userapi.tokens.keys.material import P256_ORDER, public_jwk
from userapi.tokens.keys.signing import Algorithm, SigningKey

Facts = dict[str, Any]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/!~ "
FUTURE = 2**33
ALGORITHMS = ["none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "RS256", "PS256"]
ALGORITHMS += ["ES256", "ES384", "ES256K", "EdDSA", "Ed25519", "hs256", "XS256"]
FOREIGN: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    **dict.fromkeys(("HS256", "HS384", "HS512"), b"a foreign key, long enough for any of them" * 2),
}
# No header of ours has one of these values in one of these fields.
HEADER_CHANGES: dict[str, list[Any]] = {
    "alg": [*ALGORITHMS, None, 1, ["HS256"], {}],
    "typ": [
        "at+jwt",
        "rt+jwt",
        "JWT",
        "jwt",
        "AT+JWT",
        "rt+JWT",
        "reset+jwt",
        "application/at+jwt",
        "",
        None,
        1,
        [],
    ],
    "kid": ["", "x", "../../dev/null", "' OR 1=1 --", "0" * 16, "a" * 65, None, 1, [], {}, True],
    "crit": [[], ["exp"], ["x"], ["b64"], "x", None, 1],
    "b64": [False, 0, None],
    "jku": ["http://127.0.0.1:9/jwks.json"],
    "jwk": [public_jwk(FOREIGN["EdDSA"].public_key())],
    "x5u": ["http://127.0.0.1:9/key.pem"],
    "x5c": [["MII"]],
    "zip": ["DEF"],
    "cty": ["JWT"],
    "enc": ["A256GCM"],
}
JUNK: list[Any] = [None, [], {}, 0.5, -1, 2**64, 10**30, "", "x", "\0", ["1"], "9" * 400]
CLAIM_CHANGES: dict[str, list[Any]] = {
    "iss": [*JUNK, 1, ["userapi"], "user", "userapi2", "USERAPI"],
    "aud": [*JUNK, 1, ["userapi"], ["userapi", "x"], "user", "userapi2"],
    "sub": [*JUNK, 1, "0", "01", "-1", "1 ", "+1", "1_0", "\u0661", "1.0", str(2**63)],
    "sid": [*JUNK, 1, "0" * 32, "{00000000-0000-4000-8000-000000000000}"],
    "type": [*JUNK, 1, "reset", "ACCESS", "Refresh", ["access"]],
    "jti": [None, [], {}, 0.5, 1, True],
    "iat": [None, [], {}, 0.5, "1", True, FUTURE, -1, 10**30],
    "nbf": [None, [], {}, 0.5, "1", True, FUTURE, -1, 10**30],
    "exp": [None, [], {}, FUTURE + 0.5, str(FUTURE), True, 0, 1, -1, 10**30, "never"],
    "is_admin": [None, [], {}, 0, 1, "true", "false", 0.5],
}


class Mutator:
    """Makes tokens that must be refused out of `token`; `others` were issued like it."""

    def __init__(self, token: str, others: list[str], key: SigningKey, seed: int) -> None:
        self._token = token
        self._issued = [token, *others]
        self._key = key
        self._chance = random.Random(seed)
        self.header: Facts = jwt.get_unverified_header(token)
        self.claims: Facts = claims_of(token)
        self._ways = [
            self._flipped,
            self._cut,
            self._extended,
            self._inserted,
            self._swapped,
            self._with_header_unsigned,
            self._with_header,
            self._with_claims_unsigned,
            self._with_claims,
            self._signed_otherwise,
            self._signed_with_the_public_key,
            self._with_another_spelling,
        ]

    def mutants(self, count: int) -> list[str]:
        """Return so many tokens, made in all ways in turn; no issued one is among them."""
        made: list[str] = []
        while len(made) < count:
            mutant = self._ways[len(made) % len(self._ways)]()
            if mutant not in self._issued:
                made.append(mutant)
        return made

    def _place(self) -> int:
        return self._chance.randrange(len(self._token))

    def _flipped(self) -> str:
        place = self._place()
        flipped = chr(ord(self._token[place]) ^ 1 << self._chance.randrange(8))
        return self._token[:place] + flipped + self._token[place + 1 :]

    def _cut(self) -> str:
        begin, end = sorted((self._place(), self._place()))
        return self._chance.choice(
            [self._token[:begin], self._token[begin + 1 :], self._token[begin:end]]
        )

    def _extended(self) -> str:
        addition = "".join(self._chance.choices(ALPHABET.strip(), k=self._chance.randint(1, 8)))
        return self._chance.choice([self._token + addition, addition + self._token])

    def _inserted(self) -> str:
        place = self._place()
        return self._token[:place] + self._chance.choice(ALPHABET) + self._token[place:]

    def _swapped(self) -> str:
        parts = [part for token in self._issued for part in token.split(".")]
        return ".".join(self._chance.choices(parts, k=self._chance.randint(2, 5)))

    def _changed_header(self) -> Facts:
        header = dict(self.header)
        name = self._chance.choice([*HEADER_CHANGES, *header])
        change = self._chance.choice(HEADER_CHANGES[name])
        if name in header and (change == header[name] or self._chance.random() < 0.1):
            del header[name]
        else:
            header[name] = change
        return header

    def _changed_claims(self) -> Facts:
        claims = dict(self.claims)
        for name in self._chance.sample(list(CLAIM_CHANGES), self._chance.randint(1, 3)):
            change = self._chance.choice(CLAIM_CHANGES[name])
            if self._chance.random() < 0.2 or change == claims[name]:
                del claims[name]
            else:
                claims[name] = change
        return claims

    def _with_header_unsigned(self) -> str:
        _, payload, signature = self._token.split(".")
        return f"{encode(self._changed_header())}.{payload}.{signature}"

    def _with_header(self) -> str:
        return self._signed(self._changed_header(), self.claims)

    def _with_claims_unsigned(self) -> str:
        header, _, signature = self._token.split(".")
        return f"{header}.{encode(self._changed_claims())}.{signature}"

    def _with_claims(self) -> str:
        return self._signed(self.header, self._changed_claims())

    def _signed_otherwise(self) -> str:
        """Return the same claims signed with a foreign key, under any algorithm's name."""
        name, key = self._chance.choice(list(FOREIGN.items()))
        header = {**self.header, "alg": self._chance.choice([name, self._key.algorithm])}
        return signed(header, self.claims, name, key)

    def _signed_with_the_public_key(self) -> str:
        name = self._chance.choice(["HS256", "HS384", "HS512"])
        key = self._chance.choice(public_forms(self._key))
        header = {**self.header, "alg": self._chance.choice([name, "HS256", self._key.algorithm])}
        if isinstance(self._key.verifies_with, str):
            header["alg"] = name = self._chance.choice(["HS384", "HS512"])
        return signed(header, self.claims, name, key)

    def _with_another_spelling(self) -> str:
        content, _, signature = self._token.rpartition(".")
        if self._key.algorithm is Algorithm.ES256 and self._chance.random() < 0.5:
            return f"{content}.{encode(with_higher_half(decode(signature)))}"
        last = ALPHABET.index(signature[-1]) ^ self._chance.randint(1, 3)
        return self._chance.choice(
            [f"{content}.{signature[:-1]}{ALPHABET[last]}", f"{self._token}=", f"{self._token}=="]
        )

    def _signed(self, header: Facts, claims: Facts) -> str:
        return signed(header, claims, self._key.algorithm, self._key.signs_with)


def encode(part: Facts | bytes) -> str:
    """Return a part as a token has it."""
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part: str) -> bytes:
    """Return what `encode` encoded."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signed(header: Facts, claims: Facts, algorithm: str, key: Any) -> str:
    """Sign any header and any claims."""
    content = f"{encode(header)}.{encode(claims)}"
    secret = key.encode() if isinstance(key, str) else key
    signature = jwt.get_algorithm_by_name(algorithm).sign(content.encode(), secret)
    return f"{content}.{encode(signature)}"


def public_forms(key: SigningKey) -> list[bytes]:
    """Return the ways to write a public key, each of which somebody may take for a secret."""
    if isinstance(key.verifies_with, str):
        return [key.verifies_with.encode()]
    jwk = public_jwk(key.verifies_with)
    return [
        key.verifies_with.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        key.verifies_with.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(jwk).encode(),
        decode(jwk["x"]),
    ]


def with_higher_half(signature: bytes) -> bytes:
    """Return the other signature of ES256 that is as true."""
    curve = ec.SECP256R1()
    first, second = decode_dss_signature(raw_to_der_signature(signature, curve))
    return der_to_raw_signature(encode_dss_signature(first, P256_ORDER - second), curve)
