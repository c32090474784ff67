"""Text normalisation and checks."""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical_email(address: str) -> str:
    """Return the form in which an e-mail address is stored and compared: lower case."""
    return address.lower()


def is_storable(text: str) -> bool:
    """Say whether every database can store `text`: no NUL, no lone surrogate."""
    return "\0" not in text and _LONE_SURROGATE.search(text) is None


def printable(text: str, limit: int = 100) -> str:
    """Return `text` fit for an error message: cut to `limit`, nothing unprintable."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return "".join(character if character.isprintable() else "�" for character in short)
