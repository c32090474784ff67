"""Tokens whose header, algorithm or key is another than ours."""

import pytest
from flask.testing import FlaskClient

from web.callers import cases, each_of
from web.forger import REMOVED, Facts, Forger, as_json, ask, assert_refused, encode

pytestmark = pytest.mark.any_database

OTHER_KEY = "another-key-that-is-long-enough-for-any-of-the-algorithms-of-the-hmac-family"

INVALID_HEADERS = {
    "no-type": {"typ": REMOVED},
    "jwt-as-type": {"typ": "JWT"},
    "null-as-type": {"typ": None},
    "type-as-list": {"typ": ["at+jwt"]},
    "type-in-upper-case": {"typ": "AT+JWT"},
    "media-type-as-type": {"typ": "application/at+jwt"},
    "type-of-refresh": {"typ": "rt+jwt"},
    "type-of-reset": {"typ": "reset+jwt"},
    "no-algorithm": {"alg": REMOVED},
    "null-as-algorithm": {"alg": None},
    "algorithm-as-list": {"alg": ["HS256"]},
    "algorithm-in-lower-case": {"alg": "hs256"},
    "unknown-algorithm": {"alg": "XS256"},
    "public-key-algorithm": {"alg": "RS256"},
    "critical-extension": {"crit": ["exp"]},
    "unknown-critical-extension": {"crit": ["x"], "x": 1},
    "empty-critical": {"crit": []},
    "critical-is-no-list": {"crit": "x"},
    "unencoded-payload": {"b64": False, "crit": ["b64"]},
    "key-inside": {"jwk": {"kty": "oct", "k": encode(OTHER_KEY.encode())}},
    "key-elsewhere": {"jku": "http://127.0.0.1:9/keys.json"},
    "certificate-elsewhere": {"x5u": "http://127.0.0.1:9/key.pem"},
    "certificate-inside": {"x5c": ["MII"]},
    "key-id": {"kid": "1"},
    "key-id-is-a-path": {"kid": "../../../../dev/null"},
    "key-id-is-sql": {"kid": "' UNION SELECT 'key"},
    "key-id-as-integer": {"kid": 1},
    "empty-key-id": {"kid": ""},
    "null-as-key-id": {"kid": None},
    "content-type": {"cty": "JWT"},
    "compression": {"zip": "DEF"},
    "encryption": {"enc": "A256GCM"},
}


@each_of(INVALID_HEADERS)
def test_header_that_is_never_issued_is_refused(
    client: FlaskClient, forger: Forger, case: Facts
) -> None:
    assert_refused(ask(client, f"Bearer {forger.token(header=case)}"), "token-invalid")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "c2lnbmF0dXJl"])
def test_unsigned_token_is_refused(
    client: FlaskClient, forger: Forger, algorithm: str, signature: str
) -> None:
    header = encode(as_json(forger.header | {"alg": algorithm}))
    token = f"{header}.{encode(as_json(forger.claims))}.{signature}"

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


@cases({"HS384": "sha384", "HS512": "sha512"})
def test_other_algorithm_with_the_same_key_is_refused(
    client: FlaskClient, forger: Forger, case: str
) -> None:
    algorithm = case.replace("sha", "HS")
    token = forger.sign(forger.header | {"alg": algorithm}, forger.claims, case)

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


@pytest.mark.parametrize("key", [OTHER_KEY, "", "secret", "\0" * 64])
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_token_signed_with_another_key_is_refused(
    client: FlaskClient, forger: Forger, key: str
) -> None:
    forger.key = key

    assert_refused(ask(client, f"Bearer {forger.token()}"), "token-invalid")
