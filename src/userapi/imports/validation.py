"""What must hold for a row: what registration asks for, and a bearable hash of a password.

It is the same rules, without what a million rows would wait for: texts that are plainly sound are
seen to be at a glance, and a domain that many addresses have is looked at once.
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from userapi.imports.records import FIELDS, SALT, Entry, Refusal, UserRow
from userapi.kit import text
from userapi.kit.clock import timestamp
from userapi.kit.email_addresses import MAX_LENGTH, parse_email
from userapi.kit.foreign_hashes import firebase_hash, read_hash
from userapi.kit.password_checks import ScryptCost
from userapi.kit.principal import Role

NO_HASH = "none"
"""What is stored where nobody knows the password: it has to be reset."""

MAX_KEPT_ID = 10**15
"""The highest id that a file may give: the database goes on above it, and has to be able to."""

_NAME_LENGTH = 100
_HASH_LENGTH = 255
_EARLIEST = "1970"  # written alike, texts sort as times do
_LANGUAGE_LENGTH = 35
_TIMESTAMP_LENGTH = len("2026-01-31T09:30:00.123456Z")
_EARLY = timedelta(days=1)  # by which the clock of another host may be fast
_KNOWN = frozenset((*FIELDS, SALT))
_ROLES = frozenset(Role)
_PLAIN_NAME = re.compile(r"(?=.*[!-~])[ -~]{1,100}")
_PLAIN_LOCAL_PART = re.compile(r"(?=.{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[0-9A-Za-z]{2,8})*")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)

Values = dict[str, object]


class RowRefused(Exception):
    """A field is wrong: its name, a code, and what it must be."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class FirebaseParameters:
    """What the hashes of a Firebase project have in common."""

    signer_key: bytes
    salt_separator: bytes
    cost: ScryptCost


@dataclass(frozen=True)
class RowRules:
    """What else decides whether rows are taken, and what they are completed with."""

    now: datetime
    keeps_ids: bool
    special_use: bool = False
    firebase: FirebaseParameters | None = None

    @cached_property
    def _latest(self) -> str:
        return timestamp(self.now + _EARLY)

    def check(self, entry: Entry) -> UserRow | Refusal:
        """Return the user of a row, or the first thing that is wrong with it."""
        if entry.refusal is not None:
            return entry.refusal
        try:
            return self._user(entry.values)
        except RowRefused as wrong:
            return Refusal(entry.row, wrong.field, wrong.code, wrong.detail)

    def _user(self, values: Values) -> UserRow:
        if not values.keys() <= _KNOWN:
            name = text.printable(min(values.keys() - _KNOWN), 40)
            raise RowRefused(name, "unknown", "There is no such field.")
        created_at = self._time(values, "created_at") or timestamp(self.now)
        return UserRow(
            id=self._id(values),
            email=self._email(values),
            first_name=_name(values, "first_name"),
            last_name=_name(values, "last_name"),
            is_active=_is_active(values),
            role=_role(values),
            language=_language(values),
            email_verified_at=self._time(values, "email_verified_at"),
            email_set_at=self._time(values, "email_set_at"),
            created_at=created_at,
            updated_at=self._time(values, "updated_at") or created_at,
            password_hash=self._hash(values),
        )

    def _id(self, values: Values) -> int | None:
        if not self.keeps_ids:
            return None
        number = values.get("id")
        if number is None:
            raise RowRefused("id", "required", "Where ids are kept, each row has one.")
        if type(number) is not int or not 1 <= number <= MAX_KEPT_ID:
            detail = f"This must be a whole number from 1 to {MAX_KEPT_ID}."
            raise RowRefused("id", "range", detail)
        return number

    def _email(self, values: Values) -> str:
        address = _string(values, "email")
        if len(address) > MAX_LENGTH:
            raise RowRefused("email", "length", f"This must have at most {MAX_LENGTH} characters.")
        local_part = _PLAIN_LOCAL_PART.match(address)
        if local_part is not None and _is_plain_domain(address[local_part.end() :]):
            return address
        parsed = parse_email(address, special_use=self.special_use)
        if parsed is None:
            raise RowRefused("email", "email", "This must be an e-mail address.")
        return parsed

    def _time(self, values: Values, name: str) -> str | None:
        written = values.get(name)
        if written is None:
            return None
        told = _timestamp(written) if isinstance(written, str) else None
        if told is None:
            detail = "This must be a date and time such as 2026-01-31T09:30:00Z."
            raise RowRefused(name, "date-time", detail)
        if told > self._latest:
            raise RowRefused(name, "range", "This must not be in the future.")
        if told < _EARLIEST:
            raise RowRefused(name, "range", "This must not be before 1970.")
        return told

    def _hash(self, values: Values) -> str:
        stored = values.get("password_hash")
        if stored is None:
            return NO_HASH
        if isinstance(stored, str) and self.firebase is not None:
            stored = _firebase_hash(stored, values.get(SALT), self.firebase)
        if not isinstance(stored, str) or len(stored) > _HASH_LENGTH or read_hash(stored) is None:
            detail = "This must be a hash of a known form, and not too costly to check."
            raise RowRefused("password_hash", "hash", detail)
        return stored


@lru_cache(maxsize=4096)
def _is_plain_domain(domain: str) -> bool:
    return parse_email(f"a@{domain}") == f"a@{domain}"


@lru_cache(maxsize=64)  # the times of a user are often the same
def _timestamp(written: str) -> str | None:
    """Return a point in time as `timestamp` writes it; None for what is none."""
    if _TIME.fullmatch(written) is None:
        return None
    try:
        moment = datetime.fromisoformat(written.upper())
        is_canonical = len(written) == _TIMESTAMP_LENGTH and written.endswith("Z")
        return written if is_canonical else timestamp(moment)
    except (ValueError, OverflowError):
        return None


def _string(values: Values, name: str) -> str:
    value = values.get(name)
    if value is None:
        raise RowRefused(name, "required", "This field is required.")
    if not isinstance(value, str):
        raise RowRefused(name, "type", "This must be a string.")
    return value


def _name(values: Values, name: str) -> str:
    value = _string(values, name)
    if _PLAIN_NAME.fullmatch(value):
        return value
    if not 1 <= len(value) <= _NAME_LENGTH:
        raise RowRefused(name, "length", f"This must have 1 to {_NAME_LENGTH} characters.")
    if not text.is_storable(value) or not text.is_line(value) or text.turns_direction(value):
        detail = "This must not contain control characters, or what changes the direction of text."
        raise RowRefused(name, "characters", detail)
    if not text.is_visible(value):
        raise RowRefused(name, "blank", "This must have a visible character.")
    return value


def _is_active(values: Values) -> bool:
    value = values.get("is_active")
    if value is None:
        return True
    if not isinstance(value, bool):
        raise RowRefused("is_active", "type", "This must be true or false.")
    return value


def _role(values: Values) -> str:
    value = values.get("role")
    if value is None:
        return Role.USER
    if not isinstance(value, str) or value not in _ROLES:
        raise RowRefused("role", "choice", f"This must be one of: {', '.join(Role)}.")
    return value


def _language(values: Values) -> str | None:
    value = values.get("language")
    if value is None:
        return None
    if (
        not isinstance(value, str)
        or len(value) > _LANGUAGE_LENGTH
        or _LANGUAGE.fullmatch(value) is None
    ):
        raise RowRefused("language", "language", "This must be a language tag, such as de.")
    return value


def _firebase_hash(stored: str, salt: object, project: FirebaseParameters) -> str | None:
    """Return our form of a hash of Firebase; one that is in a known form already stays."""
    if salt is None:
        return stored
    try:
        return firebase_hash(
            _decoded(stored),
            _decoded(str(salt)) + project.salt_separator,
            signer_key=project.signer_key,
            cost=project.cost,
        )
    except ValueError:
        return None


def _decoded(text_of_base64: str) -> bytes:
    """Return what base64 stands for, in either alphabet: Firebase's tools write both."""
    plain = text_of_base64.replace("-", "+").replace("_", "/").rstrip("=")
    return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
