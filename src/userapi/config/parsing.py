"""From a variable's text to its value; each function raises `ValueError` with what it must be.

The messages never repeat the text, which may be a secret.
"""

import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many

from userapi.db.urls import usable_url
from userapi.kit.secrets import secret_weakness
from userapi.kit.text import canonical_prefix

MAKE_A_SECRET = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'  # noqa: S105 - a command, no secret

_Choice = TypeVar("_Choice", bound=str)
_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")
_MOST_DIGITS = 19
_MOST_OF_A_RATE = 1_000_000
_MOST_RATES = 3
_LONGEST_RATE_SECONDS = 30 * 24 * 3600
_REDIS_SCHEMES = ("redis", "rediss")


def as_integer(minimum: int, maximum: int, noun: str = "number") -> Callable[[str], int]:
    """Return the reader of whole numbers in that range, which messages call `noun`."""

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
        if is_number and minimum <= int(text) <= maximum:
            return int(text)
        message = f"must be a whole {noun} from {minimum} to {maximum}"
        raise ValueError(message)

    return read


def as_duration(unit: str, minimum: int, maximum: int) -> Callable[[str], timedelta]:
    """Return the reader of durations: so many "seconds" or "days", in that range."""
    read_number = as_integer(minimum, maximum, noun=f"number of {unit}")
    return lambda text: timedelta(**{unit: read_number(text)})


def as_choice(choices: Iterable[_Choice]) -> Callable[[str], _Choice]:
    """Return the reader of one of `choices`, compared without regard to case."""
    by_text = {choice.lower(): choice for choice in choices}

    def read(text: str) -> _Choice:
        if text.lower() not in by_text:
            message = f"must be one of {', '.join(by_text.values())}"
            raise ValueError(message)
        return by_text[text.lower()]

    return read


def as_subset(choices: Iterable[_Choice]) -> Callable[[str], tuple[_Choice, ...]]:
    """Return the reader of some of `choices`, with commas, compared without regard to case."""
    by_text = {choice.lower(): choice for choice in choices}

    def read(text: str) -> tuple[_Choice, ...]:
        names = [name for part in text.lower().split(",") if (name := part.strip())]
        if any(name not in by_text for name in names):
            message = f"must be some of {', '.join(by_text.values())}, with commas"
            raise ValueError(message)
        return tuple(dict.fromkeys(by_text[name] for name in names))

    return read


def as_boolean(text: str) -> bool:
    """Return a truth value, in any of the usual words."""
    if text.lower() not in (*_TRUE, *_FALSE):
        message = "must be true or false"
        raise ValueError(message)
    return text.lower() in _TRUE


def as_path(text: str) -> Path:
    """Return the absolute path of what may not exist yet."""
    return Path(text).absolute()


def as_folder(text: str) -> Path:
    """Return the absolute path of a folder that exists and can be read."""
    if not Path(text).is_dir():
        message = "must be a folder that exists"
        raise ValueError(message)
    if not os.access(text, os.R_OK | os.X_OK):
        message = "must be a folder that this user may read"
        raise ValueError(message)
    return Path(text).absolute()


def as_file(text: str) -> Path:
    """Return the absolute path of a file that exists and can be read."""
    if not Path(text).is_file():
        message = "must be a file that exists"
        raise ValueError(message)
    if not os.access(text, os.R_OK):
        message = "must be a file that this user may read"
        raise ValueError(message)
    return Path(text).absolute()


def as_prefix(text: str) -> str:
    """Return the path prefix, without a slash at its end; the root is empty."""
    prefix = canonical_prefix(text)
    if prefix is None:
        message = "must be a path such as /auth, of letters, digits and . _ ~ -"
        raise ValueError(message)
    return prefix


def as_secret(text: str) -> str:
    """Return a secret that nobody can guess."""
    weakness = secret_weakness(text)
    if weakness:
        message = f"{weakness}; {MAKE_A_SECRET}"
        raise ValueError(message)
    return text


def as_database_url(text: str) -> str:
    """Return the URL of a database as the engine takes it."""
    url = usable_url(text)
    if url is None:
        message = (
            "must be postgresql://user:password@host/database or sqlite:////path/to/file; "
            "write @ in a password as %40, / as %2F"
        )
        raise ValueError(message)
    return url


def as_replica_url(text: str) -> str:
    """Return the URL of a replica of PostgreSQL as the engine takes it."""
    url = usable_url(text, session="prefer-standby")
    if url is None or not url.startswith("postgresql"):
        message = (
            "must be postgresql://user:password@host/database; write @ in a password as %40, "
            "/ as %2F"
        )
        raise ValueError(message)
    return url


def as_rate(text: str) -> str:
    """Return one limit in the notation of the library `limits`."""
    if len(_rates_in(text)) == 1:
        return text
    message = (
        f'must be one limit such as "30 per 5 minutes": 1 to {_MOST_OF_A_RATE} in at most 30 days'
    )
    raise ValueError(message)


def as_rates(text: str) -> str:
    """Return up to three limits for different times, in the notation of the library `limits`."""
    times = [limit.get_expiry() for limit in _rates_in(text)]
    if 1 <= len(times) <= _MOST_RATES and len({*times}) == len(times):
        return text
    message = (
        f'must be up to {_MOST_RATES} limits such as "10/second; 1000/hour", each for another '
        f"time: 1 to {_MOST_OF_A_RATE} in at most 30 days"
    )
    raise ValueError(message)


def _rates_in(text: str) -> list[RateLimitItem]:
    """Return the limits in a text; none where it cannot be read, or where one is out of range."""
    try:
        limits = parse_many(text)
    except ValueError:
        return []
    if all(
        1 <= limit.amount <= _MOST_OF_A_RATE and 1 <= limit.get_expiry() <= _LONGEST_RATE_SECONDS
        for limit in limits
    ):
        return limits
    return []


def as_redis_url(text: str) -> str:
    """Return the URL of a Redis."""
    if not _names_a_redis(text):
        message = "must be redis://:password@host:6379/0, or rediss:// for TLS"
        raise ValueError(message)
    return text


def _names_a_redis(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    number = parts.path.removeprefix("/")
    return (
        parts.scheme in _REDIS_SCHEMES
        and bool(parts.hostname)
        and port != 0
        and (not number or (number.isascii() and number.isdigit()))
        and not (parts.query or parts.fragment)
    )
