import hashlib
import time
from base64 import b64decode, b64encode, urlsafe_b64decode

import pytest
from passlib import hash as passlib
from werkzeug.security import generate_password_hash

from userapi.kit.foreign_hashes import firebase_hash, read_hash
from userapi.kit.password_checks import ScryptCost
from userapi.kit.passwords import HashingCost, PasswordCheck, PasswordHasher

PASSWORD = "correct hörse battery"
CHEAP = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
# As Firebase's own documentation has them.
FIREBASE_PARAMETERS = {
    "base64_signer_key": (
        "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    ),
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
FIREBASE_HASH = (
    "lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ=="
)
FIREBASE = firebase_hash(
    urlsafe_b64decode(FIREBASE_HASH),
    b64decode("42xEC+ixf3L2lw==") + b64decode("Bw=="),
    signer_key=b64decode(str(FIREBASE_PARAMETERS["base64_signer_key"])),
    cost=ScryptCost(2**14, 8),
)


def django_scrypt(password: str) -> str:
    digest = hashlib.scrypt(password.encode(), salt=b"saltsalt", n=16, r=8, p=1, dklen=64)
    return f"scrypt$saltsalt$16$8$1${b64encode(digest).decode()}"


FORMS = {
    "argon2": passlib.argon2.using(rounds=1, memory_cost=64, parallelism=2).hash(PASSWORD),
    "argon2 of Django": passlib.django_argon2.using(rounds=1, memory_cost=64).hash(PASSWORD),
    "bcrypt": passlib.bcrypt.using(rounds=4).hash(PASSWORD),
    "bcrypt of Django": passlib.django_bcrypt.using(rounds=4).hash(PASSWORD),
    "bcrypt of a SHA-256, of Django": passlib.django_bcrypt_sha256.using(rounds=4).hash(PASSWORD),
    "bcrypt of a SHA-256": passlib.bcrypt_sha256.using(rounds=4).hash(PASSWORD),
    "bcrypt of a SHA-256, before": passlib.bcrypt_sha256.using(rounds=4, version=1).hash(PASSWORD),
    "scrypt": passlib.scrypt.using(rounds=4).hash(PASSWORD),
    "scrypt of Django": django_scrypt(PASSWORD),
    "scrypt of Werkzeug": generate_password_hash(PASSWORD, "scrypt:256:8:1"),
    "pbkdf2 with SHA-1": passlib.pbkdf2_sha1.using(rounds=10).hash(PASSWORD),
    "pbkdf2 with SHA-256": passlib.pbkdf2_sha256.using(rounds=10).hash(PASSWORD),
    "pbkdf2 with SHA-512": passlib.pbkdf2_sha512.using(rounds=10).hash(PASSWORD),
    "pbkdf2 of Django": passlib.django_pbkdf2_sha256.using(rounds=10).hash(PASSWORD),
    "pbkdf2 with SHA-1 of Django": passlib.django_pbkdf2_sha1.using(rounds=10).hash(PASSWORD),
    "pbkdf2 of Werkzeug": generate_password_hash(PASSWORD, "pbkdf2:sha256:10"),
    "pbkdf2 with SHA-512 of Werkzeug": generate_password_hash(PASSWORD, "pbkdf2:sha512:10"),
}
_SALT, _DIGEST = "c29tZXNhbHRzb21lc2FsdA", "c1wMc+ZiLs9X2TexP4XoYY6KqoN2sXceSZAZ+hBxW1U"
HOSTILE = [
    f"$argon2id$v=19$m=4194304,t=1,p=1${_SALT}${_DIGEST}",  # four gigabytes
    f"$argon2id$v=19$m=65536,t=99999,p=1${_SALT}${_DIGEST}",  # hours
    f"$argon2id$v=19$m=65536,t=1,p=255${_SALT}${_DIGEST}",  # threads
    f"$argon2id$v=19$m=8,t=0,p=1${_SALT}${_DIGEST}",
    FORMS["bcrypt"].replace("$04$", "$31$"),
    FORMS["bcrypt of a SHA-256"].replace("r=4", "r=31"),
    "scrypt:16777216:8:1$saltsalt$" + "00" * 64,
    "scrypt:15:8:1$saltsalt$" + "00" * 64,  # no power of two
    "scrypt:131072:8:16$saltsalt$" + "00" * 64,
    f"$scrypt$ln=60,r=8,p=1${_SALT}${_DIGEST}",
    f"$scrypt$ln=99,r=999,p=1${_SALT}${_DIGEST}",
    f"$firebase-scrypt$ln=40,r=8${_SALT}${_DIGEST}",
    "pbkdf2:sha256:99999999$saltsalt$" + "00" * 32,
    f"pbkdf2_sha256$99999999$saltsalt${_DIGEST}=",
    "pbkdf2:sha256:0$saltsalt$" + "00" * 32,
    "pbkdf2:md5:1000$saltsalt$" + "00" * 32,
    "pbkdf2:sha256:10$saltsalt$",  # every password would have this digest
    "pbkdf2:sha256:10$saltsalt$0",
    f"$argon2i$v=19$m=128,t=4096,p=16${_SALT}${_DIGEST}",  # a quarter of a million threads
    "scrypt:65536:1:1$saltsalt$" + "00" * 64,  # more blocks than RFC 7914 has for their size
    "pbkdf2:sha1:3000000$saltsalt$" + "00" * 64,  # four times as much as the iterations tell
    f"pbkdf2_sha256$1000$salt\0salt${_DIGEST}=",  # PostgreSQL keeps no NUL
    "plain:secret",
    "",
    "none",
]
"""What costs minutes or gigabytes, matches everything, or is no hash."""


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(cost=CHEAP)


@pytest.mark.parametrize("form", FORMS)
def test_a_hash_of_another_system_is_checked_and_outdated(
    hasher: PasswordHasher, form: str
) -> None:
    assert hasher.check(PASSWORD, FORMS[form]) == PasswordCheck(holds=True, is_outdated=True)
    assert hasher.verify("another password", FORMS[form]) is False
    assert len(FORMS[form]) <= 255


def test_a_hash_of_firebase_is_checked_without_the_projects_key(hasher: PasswordHasher) -> None:
    assert hasher.check("user1password", FIREBASE) == PasswordCheck(holds=True, is_outdated=True)
    assert hasher.verify("user2password", FIREBASE) is False


def test_a_hash_of_firebase_is_as_long_as_the_projects_key() -> None:
    with pytest.raises(ValueError, match="as long"):
        firebase_hash(b"short", b"salt", signer_key=bytes(64), cost=ScryptCost(2**14, 8))


@pytest.mark.parametrize("stored", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_hash_is_none_and_costs_nothing(hasher: PasswordHasher, stored: str) -> None:
    begin = time.process_time()

    assert read_hash(stored) is None
    assert hasher.verify(PASSWORD, stored) is False
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("typed", ["caf\u00e9 au lait", "cafe\u0301 au lait"])
def test_a_password_is_tried_in_the_form_in_which_it_was_typed(
    hasher: PasswordHasher, typed: str
) -> None:
    """Other systems have hashed what was sent, composed or not."""
    assert hasher.verify(typed, generate_password_hash(typed, "pbkdf2:sha256:1")) is True


def test_bcrypt_looks_at_72_bytes_as_it_always_has(hasher: PasswordHasher) -> None:
    stored = passlib.bcrypt.using(rounds=4, truncate_error=False).hash("x" * 72)

    assert hasher.verify("x" * 100, stored) is True
