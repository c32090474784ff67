"""What makes a password easy to guess: no state, only texts.

After NIST SP 800-63B-4: nothing is asked of its characters. It is compared with what attackers try
first, in a form in which case and compatible characters count for nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from userapi.kit.text import is_visible

WORD_LENGTH = 4
"""From how many characters on a word of the person's counts."""

_PARTS = re.compile(r"[^\W_]+")


class Weakness(Enum):
    """Why a password is refused: a stable code, and words for people."""

    BLANK = ("password-blank", "This must have a visible character.")
    TOO_SHORT = ("length", "This is too short: characters that are composed count once.")
    REPEATED = ("password-repeated", "This repeats a few characters; choose something longer.")
    COMMON = ("password-common", "This is one of the most common passwords; choose another.")
    PERSONAL = (
        "password-personal",
        "This is made of the address, the name or the product's name; choose something else.",
    )
    BREACHED = (
        "password-breached",
        "This password is known from a data breach of another service; choose another.",
    )

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose password it is: the address and the names are no secrets."""

    email: str
    first_name: str = ""
    last_name: str = ""

    def texts(self) -> Iterator[str]:
        """Yield what a password may not be made of."""
        yield self.email
        yield self.email.partition("@")[0]
        yield self.first_name
        yield self.last_name
        yield f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """Which passwords are refused; `is_common` says so of a text in its comparable form.

    With `refuses_guessable` switched off only the length counts.
    """

    min_length: int
    refuses_guessable: bool = True
    product: str
    is_common: Callable[[str], bool]

    def find_weakness(self, password: str, person: Person) -> Weakness | None:
        """Return what is wrong with a password in its normal form; None when nothing is."""
        if len(password) < self.min_length:
            return Weakness.TOO_SHORT
        return self._guessable(password, person) if self.refuses_guessable else None

    def _guessable(self, password: str, person: Person) -> Weakness | None:
        if not is_visible(password):
            return Weakness.BLANK
        text = comparable(password)
        unit = repeated_unit(text)
        if len(unit) < min(self.min_length, len(text)):
            return Weakness.REPEATED
        if self.is_common(text) or self.is_common(unit):
            return Weakness.COMMON
        if _is_made_of(text, _words([*person.texts(), self.product])):
            return Weakness.PERSONAL
        return None


def comparable(text: str) -> str:
    """Return the form in which passwords and words are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def repeated_unit(text: str) -> str:
    """Return the shortest beginning of `text` that it repeats, at least twice; or else all of it.

    The last time it may be cut off: `abcabcab` repeats `abc`.
    """
    lengths = range(1, len(text) // 2 + 1)
    return next((text[:each] for each in lengths if text[each:] == text[:-each]), text)


def _words(texts: Iterable[str]) -> Collection[str]:
    """Return the texts, whole and in one, and their words; none of them is short."""
    words = set()
    for text in map(comparable, texts):
        parts = _PARTS.findall(text)
        words |= {text.strip(), "".join(parts), *parts}
    return [word for word in words if len(word) >= WORD_LENGTH]


def _is_made_of(text: str, words: Collection[str]) -> bool:
    """Say whether at least half of `text` is such words."""
    if not words:
        return False
    longest_first = sorted(words, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, longest_first)), "", text)
    return 2 * len(rest) <= len(text)
