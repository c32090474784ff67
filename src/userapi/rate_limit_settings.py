"""The settings of the rate limits, and of what failed logins lead to."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from limits import parse_many

from userapi.kit.limits import LimitedOperation
from userapi.kit.variables import VariableReader
from userapi.throttling.lockout import Lockout

_MOST = 1_000_000
_LONGEST_SECONDS = 30 * 24 * 3600
_REDIS_SCHEMES = ("redis", "rediss")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitSettings:
    """The limits, each in the notation of the library `limits`, and where they are counted.

    Without a `storage_uri` that is the service's own database.
    """

    enabled: bool
    storage_uri: str = field(repr=False)
    register: str
    login: str
    refresh: str
    failed_logins: str
    lockout: Lockout

    def of_operations(self) -> dict[LimitedOperation, str]:
        """Return the limit of each operation."""
        return {
            LimitedOperation.REGISTER: self.register,
            LimitedOperation.LOGIN: self.login,
            LimitedOperation.REFRESH: self.refresh,
        }


def read_rate_limits(
    reader: VariableReader, *, is_production: bool, is_testing: bool
) -> RateLimitSettings:
    """Read the settings of the rate limits; what is wrong is added to the reader's problems."""
    enabled = reader.boolean("RATELIMIT_ENABLED", default=not is_testing)
    if is_production and not enabled:
        reader.complain("RATELIMIT_ENABLED", "must be on in production")
    return RateLimitSettings(
        enabled=enabled,
        storage_uri=_storage_uri(reader),
        register=_limit(reader, "RATELIMIT_REGISTER", "30 per 5 minutes"),
        login=_limit(reader, "RATELIMIT_LOGIN", "30 per 5 minutes"),
        refresh=_limit(reader, "RATELIMIT_REFRESH", "150 per 5 minutes"),
        failed_logins=_limit(reader, "RATELIMIT_FAILED_LOGINS", "1000 per 5 minutes"),
        lockout=Lockout(
            free_failures=reader.integer("LOGIN_FREE_FAILURES", 10, minimum=1, maximum=20),
            max_failures=reader.integer("LOGIN_MAX_FAILURES", 50, minimum=20, maximum=100),
        ),
    )


def _limit(reader: VariableReader, name: str, default: str) -> str:
    text = reader.text(name, default)
    try:
        limits = parse_many(text)
    except ValueError:
        limits = []
    if len(limits) == 1:
        is_count = 1 <= limits[0].amount <= _MOST
        if is_count and 1 <= limits[0].get_expiry() <= _LONGEST_SECONDS:
            return text
    reader.complain(
        name, f'must be one limit such as "30 per 5 minutes": 1 to {_MOST} in at most 30 days'
    )
    return default


def _storage_uri(reader: VariableReader) -> str:
    name = "RATELIMIT_STORAGE_URI"
    text = reader.text(name)
    if text and not _names_a_redis(text):
        reader.complain(name, "must be redis://:password@host:6379/0, or rediss:// for TLS")
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
