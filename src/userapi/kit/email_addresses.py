"""E-mail addresses: which ones are taken, and the one form of each.

docs/addresses.md tells the rules.
"""

import unicodedata
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

MAX_LENGTH = 254
_MAX_LOCAL_LENGTH = 64
_KELVIN_SIGN = "\u212a"  # the only character beyond ASCII whose lower case is a letter of ASCII
_ORDINARY_DOMAIN = ".example"


def parse_email(text: str, *, special_use: bool = False) -> str | None:
    """Return the canonical form of an address; None for what is none, or none that is taken.

    `special_use`: names such as `localhost`, at which nobody has mail, are taken, too.
    """
    if len(text) > MAX_LENGTH:
        return None  # before anything is computed
    if special_use and _is_special_use(text):
        # The library knows no way to take them: it is shown an ordinary name that begins alike.
        parsed = _parsed(text + _ORDINARY_DOMAIN)
        return None if parsed is None else parsed.removesuffix(_ORDINARY_DOMAIN)
    return _parsed(text)


def canonical_email(text: str) -> str:
    """Return the canonical form of an address, and the lower case of anything else."""
    return parse_email(text, special_use=True) or lower_case(text)


def lower_case(text: str) -> str:
    """Return the form in which earlier versions stored an address.

    What is not ASCII stays as it is: that was no address, and its lower case might be one.
    """
    return text.lower() if text.isascii() else text


@lru_cache(maxsize=256)  # a log-in asks for the same one four times
def _parsed(text: str) -> str | None:
    try:
        found = validate_email(
            text,
            strict=True,
            allow_smtputf8=False,
            allow_quoted_local=True,
            allow_domain_literal=False,
            allow_display_name=False,
            allow_empty_local=False,
            check_deliverability=False,
            test_environment=False,
            globally_deliverable=True,
        )
    except EmailNotValidError:
        return None
    if found.ascii_email is None or not _is_plain(text.rpartition("@")[2], found.domain):
        return None
    canonical = found.ascii_email.lower()
    local_part = canonical.rpartition("@")[0]
    return canonical if len(local_part) <= _MAX_LOCAL_LENGTH else None


def _is_plain(domain: str, understood: str) -> bool:
    """Say whether a domain is understood as what is seen of it, whatever its case.

    A long s for an s, a full-width letter or a character that does not show would vanish.
    """
    if domain.isascii():
        return True
    lowered = "".join(character.lower() for character in unicodedata.normalize("NFC", domain))
    return lowered == understood and _KELVIN_SIGN not in domain


def _is_special_use(text: str) -> bool:
    domain = text.rpartition("@")[2].lower()
    return any(domain == name or domain.endswith(f".{name}") for name in SPECIAL_USE_DOMAIN_NAMES)
