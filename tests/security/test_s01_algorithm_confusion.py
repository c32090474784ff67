"""S1: the token, and not the service, says by which algorithm and key it is verified.

As in CVE-2022-29217, CVE-2024-37568 and CVE-2026-55165.
"""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from flask.testing import FlaskClient
from jwt.algorithms import get_default_algorithms

from support.paths import ME
from web.forger import Forger, ask, assert_refused

KEYS: dict[str, Any] = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_s01_the_key_that_a_token_brings_along_does_not_verify_it(
    client: FlaskClient, forger: Forger, algorithm: str
) -> None:
    key = KEYS[algorithm]()
    public = get_default_algorithms()[algorithm].to_jwk(key.public_key())
    header = forger.header | {"alg": algorithm, "jwk": json.loads(public)}

    token = jwt.encode(forger.claims, key, algorithm=algorithm, headers=header)

    assert jwt.decode(token, key.public_key(), [algorithm], audience=forger.claims["aud"])
    assert_refused(ask(client, f"Bearer {token}", ME), "token-invalid")
