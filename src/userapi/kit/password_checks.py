"""What checks a password by another system's function, within bounds of its cost.

Whoever wrote a hash says what checking it costs. One that would take more memory than `MAX_MEMORY`,
or longer than a second or two, has no check: neither when it comes in, nor when it is in the
database already.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, scrypt, sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from math import ceil

import bcrypt
from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAX_MEMORY = 128 * 1024 * 1024
"""How many bytes one check may take."""

_MAX_ARGON2_WORK = 512 * 1024  # KiB, in all passes
_MAX_ARGON2_SLICES = 256  # a pass and a lane each: for every one of them four threads are begun
_MAX_LANES = 16
_MIN_DIGEST = 16
_MAX_DIGEST = 64
_BCRYPT_ROUNDS = range(4, 15)
_MAX_SCRYPT_WORK = 2**21  # N * r * p
_MAX_PBKDF2_ITERATIONS = 3_000_000
_BCRYPT_BYTES = 72  # bcrypt has never looked at more
_ARGON2 = Argon2()  # each hash tells its own cost

PasswordCheck = Callable[[bytes], bool]
"""A function that says whether a password, in UTF-8, is that of a hash."""


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """The cost of scrypt: blocks, their size, lanes."""

    n: int
    r: int
    p: int = 1

    @property
    def is_bearable(self) -> bool:
        """Whether one check takes little enough memory and time."""
        is_power = self.n > 1 and self.n & (self.n - 1) == 0
        # RFC 7914: N is below 2 to the power of 16 r.
        is_cost = is_power and self.r >= 1 and self.n.bit_length() <= 16 * self.r
        is_small = 128 * self.n * self.r <= MAX_MEMORY and 1 <= self.p <= _MAX_LANES
        return is_cost and is_small and self.n * self.r * self.p <= _MAX_SCRYPT_WORK

    def key(self, password: bytes, salt: bytes, length: int) -> bytes:
        """Return what scrypt makes of a password."""
        limit = 2 * MAX_MEMORY
        return scrypt(password, salt=salt, n=self.n, r=self.r, p=self.p, dklen=length, maxmem=limit)


def is_bearable_argon2(memory: int, passes: int, lanes: int) -> bool:
    """Say whether one check by argon2, with that memory in KiB, takes little enough."""
    is_small = memory * 1024 <= MAX_MEMORY and 1 <= lanes <= _MAX_LANES
    is_quick = memory * passes <= _MAX_ARGON2_WORK and passes * lanes <= _MAX_ARGON2_SLICES
    return is_small and is_quick


def argon2_check(encoded: str, memory: int, passes: int, lanes: int) -> PasswordCheck | None:
    """Return the check of a PHC string of argon2 with that memory in KiB."""
    if not is_bearable_argon2(memory, passes, lanes) or memory < 8 * lanes or passes < 1:
        return None

    def matches(password: bytes) -> bool:
        try:
            return _ARGON2.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    return matches


def bcrypt_check(stored: str, rounds: int, *, is_hashed: bool = False) -> PasswordCheck | None:
    """Return the check of `$2b$...`; `is_hashed`: of the hex SHA-256 of the password."""
    if rounds not in _BCRYPT_ROUNDS or stored.startswith("$2x"):
        return None
    modern = re.sub(r"^\$2y\$", "$2b$", stored)  # another name of the same
    if is_hashed:
        return lambda password: _is_bcrypt(sha256(password).hexdigest().encode(), modern)
    return lambda password: _is_bcrypt(password, modern)


def keyed_bcrypt_check(
    salt: str, digest: str, rounds: int, *, is_keyed: bool
) -> PasswordCheck | None:
    """Return the check of passlib's bcrypt of a SHA-256, which newer ones key by the salt."""
    if rounds not in _BCRYPT_ROUNDS:
        return None
    stored = f"$2b${rounds:02}${salt}{digest}"

    def matches(password: bytes) -> bool:
        if is_keyed:
            key = hmac_digest(salt.encode(), password, "sha256")
        else:
            key = sha256(password).digest()
        return _is_bcrypt(b64encode(key), stored)

    return matches


def scrypt_check(salt: bytes, digest: bytes, cost: ScryptCost) -> PasswordCheck | None:
    """Return the check of a digest by scrypt."""
    if not cost.is_bearable or not _MIN_DIGEST <= len(digest) <= _MAX_DIGEST:
        return None
    return lambda password: compare_digest(cost.key(password, salt, len(digest)), digest)


def firebase_check(salt: bytes, keystream: bytes, cost: ScryptCost) -> PasswordCheck | None:
    """Return the check of what a key made by scrypt encrypts nothing but zeros to."""
    if not cost.is_bearable or not _MIN_DIGEST <= len(keystream) <= _MAX_DIGEST:
        return None

    def matches(password: bytes) -> bool:
        key = cost.key(password, salt, 64)[:32]
        # Firebase's own way: AES-256 that counts from zero.
        encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        return compare_digest(encryptor.update(bytes(len(keystream))), keystream)

    return matches


def pbkdf2_check(name: str, salt: bytes, digest: bytes, iterations: int) -> PasswordCheck | None:
    """Return the check of a digest by PBKDF2 with the hash of that name."""
    # A digest that is longer than the hash costs as many times as much.
    rounds = iterations * ceil(len(digest) / hashlib.new(name).digest_size)
    if not 1 <= rounds <= _MAX_PBKDF2_ITERATIONS or not _MIN_DIGEST <= len(digest) <= _MAX_DIGEST:
        return None
    return lambda password: compare_digest(
        pbkdf2_hmac(name, password, salt, iterations, len(digest)), digest
    )


def _is_bcrypt(password: bytes, stored: str) -> bool:
    try:
        return bcrypt.checkpw(password[:_BCRYPT_BYTES], stored.encode())
    except ValueError:  # what looks like a salt and is none
        return False
