"""Tokens that were not issued here as they are, and those sent in other ways."""

import base64
import hmac
import json
import random
import string
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.accounts import Account
from web.answers import assert_problem
from web.callers import LOGIN, ME, cases

REFRESH = "/api/v1/auth/refresh"
REMOVED = object()
FAR_FUTURE = 2**33
OTHER_KEY = "another-key-that-is-long-enough-for-any-of-the-algorithms-of-the-hmac-family"
ALPHABET = string.ascii_letters + string.digits + "-_"
Facts = dict[str, Any]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def changed(facts: Facts, changes: Facts) -> Facts:
    return {name: value for name, value in (facts | changes).items() if value is not REMOVED}


class Forger:
    """Somebody who holds the service's key and a user's tokens."""

    def __init__(self, app: Flask, tokens: dict[str, str]) -> None:
        self.key: str = app.config["JWT_SECRET_KEY"]
        self.access = tokens["access_token"]
        self.refresh = tokens["refresh_token"]
        self.header: Facts = jwt.get_unverified_header(self.access)
        self.claims: Facts = jwt.decode(self.access, options={"verify_signature": False})

    def sign(self, header: object, payload: object, digest: str = "sha256") -> str:
        """Sign anything: a value, which becomes JSON, or bytes."""
        parts = f"{encode(as_json(header))}.{encode(as_json(payload))}"
        return f"{parts}.{encode(hmac.digest(self.key.encode(), parts.encode(), digest))}"

    def token(self, claims: Facts | None = None, header: Facts | None = None) -> str:
        """Sign the user's access token with some claims and header fields changed."""
        return self.sign(changed(self.header, header or {}), changed(self.claims, claims or {}))


@pytest.fixture
def forger(app: Flask, client: FlaskClient, user: Account) -> Forger:
    answer = client.post(LOGIN, json={"email": user.email, "password": user.password})
    return Forger(app, answer.get_json())


def ask(client: FlaskClient, authorization: str, path: str = ME) -> TestResponse:
    """Send a header's value as it is: the client would refuse some."""
    return client.open(
        path,
        method="POST" if path == REFRESH else "GET",
        environ_overrides={"HTTP_AUTHORIZATION": authorization},
    )


def assert_refused(answer: TestResponse, code: str) -> None:
    document = assert_problem(answer, 401, code)
    challenge = 'Bearer realm="userapi"'
    if code != "token-missing":
        title = document["title"]
        challenge += f', error="invalid_token", error_description="{title}"'
    assert answer.headers.getlist("WWW-Authenticate") == [challenge]


def test_what_the_forger_signs_is_accepted(client: FlaskClient, forger: Forger) -> None:
    assert ask(client, f"Bearer {forger.token()}").status_code == 200


# Claims

INVALID_CLAIMS = {
    **{f"no-{name}": {name: REMOVED} for name in ("iss", "aud", "sub", "sid", "jti", "type")},
    **{f"no-{name}": {name: REMOVED} for name in ("iat", "nbf", "exp", "is_admin")},
    **{f"null-{name}": {name: None} for name in ("iss", "aud", "sub", "sid", "jti", "type")},
    **{f"null-{name}": {name: None} for name in ("iat", "nbf", "exp", "is_admin")},
    "only-a-subject": dict.fromkeys(("iss", "aud", "sid", "jti", "type", "nbf", "exp"), REMOVED),
    "wrong-kind": {"type": "refresh"},
    "unknown-kind": {"type": "reset"},
    "kind-in-upper-case": {"type": "ACCESS"},
    "kind-as-list": {"type": ["access"]},
    "foreign-issuer": {"iss": "elsewhere"},
    "issuer-in-upper-case": {"iss": "USERAPI"},
    "issuer-as-list": {"iss": ["userapi"]},
    "foreign-audience": {"aud": "elsewhere"},
    "audience-as-list": {"aud": ["userapi"]},
    "audience-among-others": {"aud": ["userapi", "elsewhere"]},
    "empty-audience": {"aud": ""},
    "not-yet-valid": {"nbf": FAR_FUTURE},
    "issued-in-the-future": {"iat": FAR_FUTURE},
    "expiry-as-string": {"exp": str(FAR_FUTURE)},
    "expiry-as-float": {"exp": FAR_FUTURE + 0.5},
    "expiry-as-integral-float": {"exp": float(FAR_FUTURE)},
    "expiry-as-list": {"exp": [FAR_FUTURE]},
    "expiry-as-word": {"exp": "never"},
    "immense-expiry": {"exp": 10**30},
    "infinite-expiry": {"exp": float("inf")},
    "expiry-is-no-number": {"exp": float("nan")},
    "immense-negative-start": {"nbf": -(10**30)},
    "issue-as-string": {"iat": "1"},
    "start-as-string": {"nbf": "1"},
    "issue-as-truth": {"iat": True},
    "subject-as-integer": {"sub": 1},
    "subject-as-list": {"sub": ["1"]},
    "subject-is-a-word": {"sub": "abc"},
    "subject-is-empty": {"sub": ""},
    "subject-with-leading-zero": {"sub": "01"},
    "subject-is-zero": {"sub": "0"},
    "subject-is-negative": {"sub": "-1"},
    "subject-with-plus": {"sub": "+1"},
    "subject-with-blank": {"sub": "1 "},
    "subject-with-line-break": {"sub": "1\n"},
    "subject-with-underscore": {"sub": "1_0"},
    "subject-is-a-float": {"sub": "1.0"},
    "subject-beyond-64-bit": {"sub": str(2**63)},
    "subject-of-5000-digits": {"sub": "9" * 5000},
    "subject-in-arabic-digits": {"sub": "\u0661"},
    "subject-in-full-width-digits": {"sub": "\uff11"},
    "subject-is-superscript": {"sub": "\u00b9"},
    "subject-with-nul": {"sub": "1\0"},
    "subject-is-a-surrogate": {"sub": "\ud800"},
    "session-is-no-uuid": {"sid": "session"},
    "session-is-empty": {"sid": ""},
    "session-as-integer": {"sid": 1},
    "session-with-nul": {"sid": "\0" * 36},
    "session-in-unicode-digits": {"sid": "\u0661" * 32},
    "token-id-as-integer": {"jti": 1},
    "rights-as-string": {"is_admin": "false"},
    "rights-as-integer": {"is_admin": 0},
}
ENDED = {
    "unknown-session": {"sid": str(uuid.UUID(int=4))},
    "unknown-user": {"sub": str(2**63 - 1)},
}


@cases(INVALID_CLAIMS)
def test_claims_that_are_never_issued_are_refused(
    client: FlaskClient, forger: Forger, case: Facts
) -> None:
    assert_refused(ask(client, f"Bearer {forger.token(case)}"), "token-invalid")


@cases({"long-ago": 1, "at-the-epoch": 0, "before-the-epoch": -1, "long-before": -(10**30)})
def test_expired_token_is_refused(client: FlaskClient, forger: Forger, case: int) -> None:
    assert_refused(ask(client, f"Bearer {forger.token({'exp': case})}"), "token-expired")


def test_token_is_expired_at_the_second_it_names(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"exp": int(time.time())})

    assert_refused(ask(client, f"Bearer {token}"), "token-expired")


@cases(ENDED)
def test_token_of_no_session_is_refused(client: FlaskClient, forger: Forger, case: Facts) -> None:
    assert_refused(ask(client, f"Bearer {forger.token(case)}"), "session-ended")


def test_token_of_another_users_session_is_refused(
    client: FlaskClient, forger: Forger, other_user: Account
) -> None:
    token = forger.token({"sub": str(other_user.id)})

    assert_refused(ask(client, f"Bearer {token}"), "session-ended")


@pytest.mark.parametrize("spelling", [str.upper, "{{{}}}".format, "urn:uuid:{}".format])
def test_session_spelt_otherwise_is_refused(
    client: FlaskClient, forger: Forger, spelling: Callable[[str], str]
) -> None:
    token = forger.token({"sid": spelling(forger.claims["sid"])})

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


def test_claimed_rights_are_not_believed(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"is_admin": True, "fresh": True, "role": "admin"})

    answer = client.delete("/api/v1/users/1", headers={"Authorization": f"Bearer {token}"})

    assert_problem(answer, 403, "not-allowed")


# Headers of the token

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


@cases(INVALID_HEADERS)
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


# The token as a whole

PAYLOADS = {
    "array": [],
    "string": "claims",
    "integer": 1,
    "null": None,
    "empty": b"",
    "half": b'{"sub": ',
    "bytes": b"\xff\xfe",
    "utf-16": "{}".encode("utf-16"),
    "deep-array": b"[" * 100_000 + b"]" * 100_000,
    "deep-object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep-claim": b'{"sub":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "5000-digits": b'{"exp":' + b"9" * 5000 + b"}",
}


@cases(PAYLOADS)
def test_payload_that_holds_no_claims_is_refused(
    client: FlaskClient, forger: Forger, case: object
) -> None:
    token = forger.sign(forger.header, case)

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


@cases(PAYLOADS)
def test_header_that_is_no_header_is_refused(
    client: FlaskClient, forger: Forger, case: object
) -> None:
    token = forger.sign(case, forger.claims)

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


GARBAGE = {
    "word": "token",
    "two-parts": "e30.e30",
    "dots": "..",
    "many-dots": "." * 1000,
    "four-parts": "e30.e30.e30.e30",
    "five-parts": "e30.e30.e30.e30.e30",
    "empty-objects": "e30.e30.e30",
    "no-base64": "!!!.???.***",
    "latin-1": "\xff\xfe\xfd",
    "utf-8": "é€".encode().decode("latin-1"),
    "nul": "\0",
    "json": '{"payload":"e30","signatures":[]}',
    "long": "a" * 100_000,
    "long-parts": ".".join(["a" * 50_000] * 3),
}


@cases(GARBAGE)
def test_garbage_is_refused(client: FlaskClient, case: str) -> None:
    assert_refused(ask(client, f"Bearer {case}"), "token-invalid")


@pytest.mark.parametrize("part", [0, 1, 2])
@cases(
    {
        "empty": lambda part: part[:0],
        "cut": lambda part: part[:-1],
        "first-changed": lambda part: ("A" if part[0] != "A" else "B") + part[1:],
        "last-changed": lambda part: part[:-1] + ("A" if part[-1] != "A" else "Q"),
        "reversed": lambda part: part[::-1],
        "doubled": lambda part: part * 2,
        "blank": lambda part: f"{part[:4]} {part[4:]}",
        "line-break": lambda part: f"{part[:4]}\r\n{part[4:]}",
        "padded": lambda part: part + "=" * (-len(part) % 4 or 4),
        "stray-characters": lambda part: part + "!!!!",
        "stray-character-first": lambda part: "!" + part,
        "standard-base64": lambda part: part + "+/+/",
    }
)
def test_altered_part_is_refused(
    client: FlaskClient, forger: Forger, case: Callable[[str], str], part: int
) -> None:
    parts = forger.access.split(".")
    parts[part] = case(parts[part])

    assert_refused(ask(client, f"Bearer {'.'.join(parts)}"), "token-invalid")


def test_each_signature_has_one_spelling(client: FlaskClient, forger: Forger) -> None:
    spellings = [forger.access[:-1] + last for last in ALPHABET if last != forger.access[-1]]

    accepted = [text for text in spellings if ask(client, f"Bearer {text}").status_code != 401]

    assert accepted == []


def test_claims_under_another_tokens_signature_are_refused(
    client: FlaskClient, forger: Forger
) -> None:
    header, payload, _ = forger.access.split(".")
    signature = forger.refresh.rpartition(".")[2]

    answer = ask(client, f"Bearer {header}.{payload}.{signature}")

    assert_refused(answer, "token-invalid")


def mutant(chance: random.Random, token: str) -> str:
    """Flip one bit, cut the end off, or add to the end."""
    place = chance.randrange(len(token))
    flipped = chr(ord(token[place]) ^ 1 << chance.randrange(8))
    addition = "".join(chance.choices(string.digits + string.ascii_letters + "-_.=+/!~", k=4))
    return chance.choice(
        [
            token[:place] + flipped + token[place + 1 :],
            token[:place],
            token + addition[: chance.randint(1, 4)],
        ]
    )


def test_no_mutant_is_accepted(client: FlaskClient, forger: Forger) -> None:
    chance = random.Random(8725)
    mutants = [mutant(chance, forger.access) for _ in range(300)]

    accepted = [token for token in mutants if ask(client, f"Bearer {token}").status_code != 401]

    assert accepted == []


# Kinds


def test_refresh_token_does_not_open_the_api(client: FlaskClient, forger: Forger) -> None:
    assert_refused(ask(client, f"Bearer {forger.refresh}"), "token-invalid")


def test_access_token_does_not_refresh(client: FlaskClient, forger: Forger) -> None:
    assert_refused(ask(client, f"Bearer {forger.access}", REFRESH), "token-invalid")


@cases(
    {
        "header-only": ({"typ": "rt+jwt"}, {}),
        "claim-only": ({}, {"type": "refresh"}),
        "no-claim": ({"typ": "rt+jwt"}, {"type": REMOVED}),
        "no-header": ({"typ": REMOVED}, {"type": "refresh"}),
    }
)
def test_half_a_refresh_token_does_not_refresh(
    client: FlaskClient, forger: Forger, case: tuple[Facts, Facts]
) -> None:
    header, claims = case
    token = forger.token(claims, header)

    assert_refused(ask(client, f"Bearer {token}", REFRESH), "token-invalid")


# Ways to send a token


def test_no_header_is_refused(client: FlaskClient) -> None:
    assert_refused(client.get(ME), "token-missing")


@cases(
    {
        "empty": "",
        "blank": " ",
        "scheme-only": "Bearer",
        "scheme-and-blanks": "Bearer    ",
        "basic": "Basic dXNlcjpwYXNzd29yZA==",
        "basic-with-token": "Basic {}",
        "token-scheme": "Token {}",
        "no-scheme": "{}",
        "colon": "Bearer: {}",
        "equals": "Bearer={}",
        "tab": "Bearer\t{}",
        "longer-scheme": "Bearers {}",
    }
)
def test_other_credentials_are_no_token(client: FlaskClient, forger: Forger, case: str) -> None:
    assert_refused(ask(client, case.format(forger.access)), "token-missing")


@cases(
    {
        "two": "Bearer {0} {0}",
        "two-headers": "Bearer {0}, Bearer {0}",
        "two-headers-joined-tightly": "Bearer {0},Bearer {0}",
        "twice-the-scheme": "Bearer Bearer {0}",
        "quoted": 'Bearer "{0}"',
        "bracketed": "Bearer <{0}>",
        "comma": "Bearer {0},",
        "semicolon": "Bearer {0};",
        "parameter": "Bearer {0} x=1",
        "named": "Bearer token={0}",
        "no-break-space": "Bearer {0}\xa0",
        "next-line": "Bearer {0}\x85",
        "nul": "Bearer {0}\0",
    }
)
def test_token_among_other_things_is_refused(
    client: FlaskClient, forger: Forger, case: str
) -> None:
    assert_refused(ask(client, case.format(forger.access)), "token-invalid")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_accepted_in_any_case(client: FlaskClient, forger: Forger, scheme: str) -> None:
    assert ask(client, f"{scheme} {forger.access}").status_code == 200


@pytest.mark.parametrize("name", ["jwt", "token", "access_token", "Authorization"])
def test_token_in_the_query_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    assert_refused(client.get(ME, query_string={name: forger.access}), "token-missing")


@pytest.mark.parametrize("name", ["access_token_cookie", "session", "jwt"])
def test_token_in_a_cookie_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    client.set_cookie(name, forger.access)

    assert_refused(client.get(ME), "token-missing")


def test_token_in_the_body_is_ignored(client: FlaskClient, forger: Forger) -> None:
    answer = client.post("/api/v1/posts", json={"access_token": forger.access})

    assert_refused(answer, "token-missing")


@pytest.mark.parametrize("name", ["X-Access-Token", "Proxy-Authorization", "X-Authorization"])
def test_token_in_another_header_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    assert_refused(client.get(ME, headers={name: f"Bearer {forger.access}"}), "token-missing")


def test_refusal_does_not_repeat_the_token(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"sub": "abc"})

    assert token not in ask(client, f"Bearer {token}").get_data(as_text=True)
