"""How much chance a secret holds: judged by its description, as a compressor would.

A text is as random as its shortest description is long. Repetitions, sequences, rows of the
keyboard and well-known words are described in a few bits each, and so are the letters of a text
that reads like one; whatever is left costs what a character of its kind costs. The description of
a text from a generator is shorter by n bits once in 2**n texts, so what is far below is not from
one.
"""

import math
import re
import string
from itertools import pairwise
from typing import NamedTuple

_LONGEST = 256
_PATTERN_BITS = 12
_TEXT_LETTER_BITS = 2
_HEX = frozenset("0123456789abcdef-")
_ROWS = (
    string.ascii_lowercase,
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_PATHS = tuple(row[::step] for row in _ROWS for step in (1, -1))
_STEPS = frozenset(one + other for path in _PATHS for one, other in pairwise(path))
_WORD = re.compile(
    "abcd|admin|application|batter(?:ies|y)|company|correct|default|development|dragon|flask"
    "|football|hello|horse|iloveyou|ipsum|letmein|local|login|lorem|master|monkey|passphrase"
    "|p[a4@]ssw[o0]rd|pass|postgres|private|production|qwerty|random|root|server|service|signing"
    "|staging|staple|strong|summer|sunshine|super|test(?:ing)?|this|token|userapi|user|very|welcome"
    "|winter|with|world"
)
# The pairs of letters that follow each other most often in English: three of four in a text, and
# 15 of 100 where chance wrote it.
_PAIRS = frozenset(
    re.findall(
        r"\w\w",
        "ac ad ai al am an ap ar as at be ca ce ch co ct de di do ea ec ed el em en er es et ev fi "
        "fo fr ge ha he hi ho ib ic ie il in io is it ke la le li ll lo ma me mi nd ne ng no ns nt "
        "oc od of om on op or os ot ou ow pa pe pr py ra re ri ro rs ry se si so ss st ta te th ti "
        "to tr ts un ur us ut ve wh wi",
    )
)
_PAIR_BITS = math.log2(0.75 / 0.15)
_NO_PAIR_BITS = math.log2(0.25 / 0.85)
_TEXT_BITS = 28


class Chance(NamedTuple):
    """The most bits that a text of its length and characters can hold, and how many it does."""

    maximum: float
    estimated: float


def chance_in(text: str) -> Chance:
    """Return how many bits of chance the text holds; of a long one its beginning counts."""
    text = text[:_LONGEST]
    pool = _pool_of(text)
    is_hex = pool == len(_HEX) - 1
    characters = text.replace("-", "") if is_hex else text
    if not characters:
        return Chance(0, 0)
    per_character = math.log2(pool)
    distinct = len(set(characters))
    # Where few characters occur, to tell which is cheaper than to choose from all.
    of_these = math.log2(distinct) + distinct * per_character / len(characters)
    described = _described(
        characters, min(per_character, of_these), is_text=not is_hex and _reads_like_text(text)
    )
    return Chance(len(characters) * per_character, described)


def _pool_of(text: str) -> int:
    """Return from how many characters a generator chooses that makes such texts."""
    if text in (text.lower(), text.upper()) and _HEX.issuperset(text.lower()):
        return 10 if text.isdigit() else 16
    pools = (
        (any("a" <= character <= "z" for character in text), 26),
        (any("A" <= character <= "Z" for character in text), 26),
        (any("0" <= character <= "9" for character in text), 10),
        (any(character.isascii() and not character.isalnum() for character in text), 32),
        (not text.isascii(), 128),
    )
    return sum(size for is_used, size in pools if is_used)


def _described(text: str, per_character: float, *, is_text: bool) -> float:
    folded = text.lower()
    bits, place = 0.0, 0
    while place < len(text):
        length = max(
            _repeated(folded, place), _on_a_path(folded, place), _known_word(folded, place)
        )
        pattern = _PATTERN_BITS + sum(
            character.isupper() for character in text[place : place + length]
        )
        if length * per_character > pattern:
            bits += pattern
            place += length
        else:
            is_letter = is_text and text[place].isalpha()
            bits += _TEXT_LETTER_BITS if is_letter else per_character
            place += 1
    return bits


def _repeated(text: str, place: int) -> int:
    """Return how many characters from there on stand, in that order, further in front."""
    length = 2
    while place + length < len(text) and text.find(text[place : place + length + 1]) < place:
        length += 1
    return length


def _on_a_path(text: str, place: int) -> int:
    """Return how many characters from there on lie side by side, in an alphabet or on keys."""
    length = 1
    if text[place : place + 2] in _STEPS:
        while any(text[place : place + length + 1] in path for path in _PATHS):
            length += 1
            if place + length == len(text):
                break
    return length


def _known_word(text: str, place: int) -> int:
    found = _WORD.match(text, place)
    return 0 if found is None else len(found[0])


def _reads_like_text(text: str) -> bool:
    """Say whether letters follow each other as in a text, and not as chance has it."""
    pairs = [
        (one + other).lower()
        for one, other in pairwise(text)
        if one.isalpha() and other.isalpha() and not (one.islower() and other.isupper())
    ]
    found = sum(pair in _PAIRS for pair in pairs)
    return found * _PAIR_BITS + (len(pairs) - found) * _NO_PAIR_BITS >= _TEXT_BITS
