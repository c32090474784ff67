"""Hashes of passwords as other systems store them.

argon2    $argon2id$v=19$m=65536,t=3,p=4$salt$digest        PHC, passlib
          argon2$argon2id$v=19$...                          Django
bcrypt    $2b$12$...                                        bcrypt, passlib
          bcrypt$$2b$12$...  bcrypt_sha256$$2b$12$...       Django
          $bcrypt-sha256$v=2,t=2b,r=12$salt$digest          passlib
scrypt    scrypt:32768:8:1$salt$hex                         Werkzeug
          scrypt$salt$16384$8$1$base64                      Django
          $scrypt$ln=16,r=8,p=1$salt$digest                 passlib
          $firebase-scrypt$ln=14,r=8$salt$keystream         Firebase, as `firebase_hash` tells it
pbkdf2    pbkdf2:sha256:600000$salt$hex                     Werkzeug
          pbkdf2_sha256$600000$salt$base64                  Django
          $pbkdf2-sha256$29000$salt$digest                  passlib
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable

from userapi.kit import password_checks as checks
from userapi.kit.password_checks import PasswordCheck, ScryptCost

_ARGON2 = re.compile(
    r"(?:argon2)?\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(?P<memory>[0-9]{1,7}),"
    r"t=(?P<passes>[0-9]{1,5}),p=(?P<lanes>[0-9]{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
_BCRYPT = re.compile(
    r"(?P<wrap>bcrypt\$|bcrypt_sha256\$)?(?P<hash>\$2[abxy]\$(?P<rounds>[0-9]{2})\$[A-Za-z0-9./]{53})"
)
_BCRYPT_SHA256 = re.compile(
    r"\$bcrypt-sha256\$(?:v=(?P<version>2),t=)?(?P<ident>2[aby]),(?:r=)?(?P<rounds>[0-9]{1,2})"
    r"\$(?P<salt>[A-Za-z0-9./]{22})\$(?P<digest>[A-Za-z0-9./]{31})"
)
_SCRYPT_WERKZEUG = re.compile(
    r"scrypt:(?P<n>[0-9]{1,8}):(?P<r>[0-9]{1,3}):(?P<p>[0-9]{1,3})"
    r"\$(?P<salt>[A-Za-z0-9]{8,64})\$(?P<digest>[0-9a-f]{128})"
)
_SCRYPT_DJANGO = re.compile(
    r"scrypt\$(?P<salt>[A-Za-z0-9]{8,64})\$(?P<n>[0-9]{1,8})\$(?P<r>[0-9]{1,3})\$(?P<p>[0-9]{1,3})"
    r"\$(?P<digest>[A-Za-z0-9+/]{86}==)"
)
_SCRYPT_PASSLIB = re.compile(
    r"\$scrypt\$ln=(?P<ln>[0-9]{1,2}),r=(?P<r>[0-9]{1,3}),p=(?P<p>[0-9]{1,3})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<digest>[A-Za-z0-9+/]{22,86})"
)
_PBKDF2_WERKZEUG = re.compile(
    r"pbkdf2:(?P<hash>sha1|sha256|sha512):(?P<count>[0-9]{1,8})"
    r"\$(?P<salt>[A-Za-z0-9]{8,64})\$(?P<digest>[0-9a-f]{40,128})"
)
_PBKDF2_DJANGO = re.compile(
    r"pbkdf2_(?P<hash>sha1|sha256)\$(?P<count>[0-9]{1,8})"
    r"\$(?P<salt>[!-#%-~]{8,128})\$(?P<digest>[A-Za-z0-9+/]{27,88}={0,2})"
)
_PBKDF2_PASSLIB = re.compile(
    r"\$pbkdf2(?:-(?P<hash>sha256|sha512))?\$(?P<count>[0-9]{1,8})"
    r"\$(?P<salt>[A-Za-z0-9./]{11,86})\$(?P<digest>[A-Za-z0-9./]{27,86})"
)
_FIREBASE = re.compile(
    r"\$firebase-scrypt\$ln=(?P<ln>[0-9]{1,2}),r=(?P<r>[0-9]{1,3})"
    r"\$(?P<salt>[A-Za-z0-9+/]{1,86})\$(?P<digest>[A-Za-z0-9+/]{43,86})"
)


def read_hash(stored: str) -> PasswordCheck | None:
    """Return what checks passwords against a hash; None for what is none, or costs too much."""
    for pattern, read in _FORMS:
        found = pattern.fullmatch(stored)
        if found is not None:
            try:
                return read(found)
            except ValueError:  # no base64
                return None
    return None


def firebase_hash(digest: bytes, salt: bytes, *, signer_key: bytes, cost: ScryptCost) -> str:
    """Return what Firebase's export has of a user, in a form of ours that needs nothing else.

    `salt` is the user's, followed by the project's separator. Firebase encrypts the project's key
    with one that is made of the password. What it is encrypted with tells as much of the password
    as the result does, and nothing of the project's key. Raises `ValueError`.
    """
    if len(digest) != len(signer_key):
        message = "the hash is not as long as the project's key"
        raise ValueError(message)
    keystream = bytes(one ^ other for one, other in zip(digest, signer_key, strict=True))
    log_n = cost.n.bit_length() - 1
    return f"$firebase-scrypt$ln={log_n},r={cost.r}${_unpadded(salt)}${_unpadded(keystream)}"


def _read_argon2(found: re.Match[str]) -> PasswordCheck | None:
    encoded = found[0].removeprefix("argon2")
    return checks.argon2_check(
        encoded, int(found["memory"]), int(found["passes"]), int(found["lanes"])
    )


def _read_bcrypt(found: re.Match[str]) -> PasswordCheck | None:
    is_hashed = found["wrap"] == "bcrypt_sha256$"
    return checks.bcrypt_check(found["hash"], int(found["rounds"]), is_hashed=is_hashed)


def _read_bcrypt_sha256(found: re.Match[str]) -> PasswordCheck | None:
    is_keyed = found["version"] is not None
    return checks.keyed_bcrypt_check(
        found["salt"], found["digest"], int(found["rounds"]), is_keyed=is_keyed
    )


def _read_hex_scrypt(found: re.Match[str]) -> PasswordCheck | None:
    digest = bytes.fromhex(found["digest"])
    return checks.scrypt_check(found["salt"].encode(), digest, _cost(found, int(found["n"])))


def _read_django_scrypt(found: re.Match[str]) -> PasswordCheck | None:
    digest = b64decode(found["digest"], validate=True)
    return checks.scrypt_check(found["salt"].encode(), digest, _cost(found, int(found["n"])))


def _read_passlib_scrypt(found: re.Match[str]) -> PasswordCheck | None:
    salt, digest = _padded(found["salt"]), _padded(found["digest"])
    return checks.scrypt_check(salt, digest, _cost(found, 2 ** int(found["ln"])))


def _read_firebase(found: re.Match[str]) -> PasswordCheck | None:
    cost = ScryptCost(2 ** int(found["ln"]), int(found["r"]))
    return checks.firebase_check(_padded(found["salt"]), _padded(found["digest"]), cost)


def _read_hex_pbkdf2(found: re.Match[str]) -> PasswordCheck | None:
    digest = bytes.fromhex(found["digest"])
    salt = found["salt"].encode()
    return checks.pbkdf2_check(found["hash"], salt, digest, int(found["count"]))


def _read_django_pbkdf2(found: re.Match[str]) -> PasswordCheck | None:
    digest = b64decode(found["digest"], validate=True)
    salt = found["salt"].encode()
    return checks.pbkdf2_check(found["hash"], salt, digest, int(found["count"]))


def _read_passlib_pbkdf2(found: re.Match[str]) -> PasswordCheck | None:
    salt, digest = (_padded(found[name].replace(".", "+")) for name in ("salt", "digest"))
    return checks.pbkdf2_check(found["hash"] or "sha1", salt, digest, int(found["count"]))


def _cost(found: re.Match[str], n: int) -> ScryptCost:
    return ScryptCost(n, int(found["r"]), int(found["p"]))


def _padded(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


def _unpadded(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], PasswordCheck | None]], ...] = (
    (_ARGON2, _read_argon2),
    (_BCRYPT, _read_bcrypt),
    (_BCRYPT_SHA256, _read_bcrypt_sha256),
    (_SCRYPT_WERKZEUG, _read_hex_scrypt),
    (_SCRYPT_DJANGO, _read_django_scrypt),
    (_SCRYPT_PASSLIB, _read_passlib_scrypt),
    (_PBKDF2_WERKZEUG, _read_hex_pbkdf2),
    (_PBKDF2_DJANGO, _read_django_pbkdf2),
    (_PBKDF2_PASSLIB, _read_passlib_pbkdf2),
    (_FIREBASE, _read_firebase),
)
