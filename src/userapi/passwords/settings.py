"""The settings of the passwords that people choose."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from userapi.config.declarations import fixed, integer, settings_group, text
from userapi.config.settings import Problem, Settings

_BREACH_CHECK_URL = "PASSWORD_BREACH_CHECK_URL"


@settings_group("New passwords")
class PasswordPolicySettings:
    """Which passwords are taken; no variable lets in those that are easy to guess."""

    min_length: int = integer(
        "PASSWORD_MIN_LENGTH",
        default=8,
        minimum=8,
        maximum=64,
        help="How many characters a new password has at least. 15 are recommended where the "
        "password is all that people log in with.",
    )
    refuses_guessable: bool = fixed(default=True, testing=False)
    breach_check_url: str = text(
        _BREACH_CHECK_URL,
        help="Where new passwords are looked up that are known from data breaches, by five digits "
        "of their SHA-1, such as https://api.pwnedpasswords.com/range/; nowhere if not named. "
        "Where it does not answer, passwords are taken without.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what is no URL that digits can be added to."""
        if self.breach_check_url and not _is_range_url(self.breach_check_url):
            hint = "must be an https:// URL that ends with / (http:// on a loopback address only)"
            yield Problem(_BREACH_CHECK_URL, hint)


def _is_range_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_bare = not (parts.query or parts.fragment or parts.username or parts.password)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    return is_named and is_bare and is_safe and url.isascii() and parts.path.endswith("/")


def _is_loopback(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
