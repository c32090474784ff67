"""What goes out into mails, from a variable's text: URLs, addresses, colours.

Each function raises `ValueError` with what the text must be, and never repeats it.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from userapi.kit.text import VISIBLE_LINE_PATTERN

_URL_LENGTH = 500
_NAME_LENGTH = 60
_ADDRESS_LENGTH = 254
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?&=%@!$*+,;\[\]-]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
_CHANNEL_WEIGHTS = (0.2126, 0.7152, 0.0722)


def as_web_url(text: str) -> str:
    """Return the URL of a page, without a slash at its end."""
    if len(text) > _URL_LENGTH or not _is_web_url(text):
        message = "must be a URL such as https://app.example.com/reset, without # and without user"
        raise ValueError(message)
    return text.rstrip("/")


def as_base_url(text: str) -> str:
    """Return the URL below which something is, without a slash at its end."""
    if "?" in text or len(text) > _URL_LENGTH or not _is_web_url(text):
        message = "must be a URL such as https://api.example.com, without ? and # and without user"
        raise ValueError(message)
    return text.rstrip("/")


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        _URL_CHARACTERS.fullmatch(text) is not None
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port != 0
    )


def as_host(example: str) -> Callable[[str], str]:
    """Return the reader of the name or the address of a host, without scheme and port."""

    def read(text: str) -> str:
        if _HOST.fullmatch(text) is None and not _is_address(text):
            message = f"must be a host such as {example}, without scheme and port"
            raise ValueError(message)
        return text

    return read


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def as_mail_address(text: str) -> str:
    """Return an e-mail address, without a name beside it."""
    if len(text) > _ADDRESS_LENGTH or _ADDRESS.fullmatch(text) is None:
        message = "must be one e-mail address such as accounts@example.com, without a name"
        raise ValueError(message)
    return text


def as_short_name(text: str) -> str:
    """Return a name that fits a subject: one visible line."""
    if len(text) > _NAME_LENGTH or re.match(VISIBLE_LINE_PATTERN, text) is None:
        message = f"must be one line of at most {_NAME_LENGTH} characters that can be seen"
        raise ValueError(message)
    return text


def as_colour(text: str) -> str:
    """Return a colour on which white text can be read, and that can be read on white."""
    if _COLOUR.fullmatch(text) is None:
        message = "must be a colour such as #1a5fb4"
        raise ValueError(message)
    contrast = _contrast_with_white(text)
    if contrast < _LEAST_CONTRAST:
        message = (
            f"is too light: white text on it has a contrast of {contrast:.1f}, and needs "
            f"{_LEAST_CONTRAST}; take a darker one"
        )
        raise ValueError(message)
    return text.lower()


def _contrast_with_white(colour: str) -> float:
    """Return the contrast after WCAG 2.2: from 1 to 21."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the formula's own
        for channel in channels
    )
    luminance = sum(
        weight * channel for weight, channel in zip(_CHANNEL_WEIGHTS, linear, strict=True)
    )
    return 1.05 / (luminance + 0.05)
