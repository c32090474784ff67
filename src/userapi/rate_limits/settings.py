"""The settings of the rate limits."""

from collections.abc import Iterator

from userapi.config.declarations import boolean, rate, rates, redis_url, settings_group
from userapi.config.settings import Problem, Settings


@settings_group("Rate limits")
class RateLimitSettings:
    """The limits, each in the notation of the library `limits`, and where they are counted.

    Without a `storage_uri` that is the service's own database; `client` and `writes` are counted
    in the memory of each process.
    """

    enabled: bool = boolean(
        "RATELIMIT_ENABLED",
        default=True,
        testing=False,
        help="Whether clients are limited, and whether failed logins delay and lock further "
        "ones; production refuses false.",
    )
    storage_uri: str = redis_url(
        "RATELIMIT_STORAGE_URI",
        help="Where is counted; in the database if no Redis is named.",
        in_compose=False,
    )
    client: str = rates(
        "RATELIMIT_CLIENT",
        default="6000 per 5 minutes",
        help="How many requests of any kind a client address may make, to each process; a list "
        "costs more than one.",
    )
    writes: str = rates(
        "RATELIMIT_WRITES",
        default="300 per 5 minutes; 10000 per day",
        help="How many changes a user may make, through each process; a long body costs more "
        "than one.",
    )
    register: str = rate(
        "RATELIMIT_REGISTER",
        default="30 per 5 minutes",
        help="How many registrations a client address may try.",
    )
    registrations_overall: str = rate(
        "RATELIMIT_REGISTRATIONS_OVERALL",
        default="100 per 5 minutes",
        help="How many accounts all clients together may register.",
    )
    login: str = rate(
        "RATELIMIT_LOGIN",
        default="30 per 5 minutes",
        help="How many logins a client address may try.",
    )
    refresh: str = rate(
        "RATELIMIT_REFRESH",
        default="150 per 5 minutes",
        help="How many refreshes a client address may ask for.",
    )
    password: str = rate(
        "RATELIMIT_PASSWORD",
        default="30 per 5 minutes",
        help="How often a client address may change, forget or reset passwords.",
    )
    email: str = rate(
        "RATELIMIT_EMAIL",
        default="30 per 5 minutes",
        help="How often a client address may prove, change or ask about e-mail addresses.",
    )
    failed_logins: str = rate(
        "RATELIMIT_FAILED_LOGINS",
        default="1000 per 5 minutes",
        help="How many logins may fail of all clients together; beyond it, those wait whose "
        "network or address has failures of its own.",
    )
    failed_logins_by_network: str = rate(
        "RATELIMIT_FAILED_LOGINS_BY_NETWORK",
        default="400 per hour",
        help="How many logins may fail from an IPv4 /24 or IPv6 /48; from a /56 half as many, from "
        "an IPv4 address or a /64 a quarter, from a single IPv6 address an eighth.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what production refuses."""
        if settings.is_production and not self.enabled:
            yield Problem("RATELIMIT_ENABLED", "must be on in production")

    def by_name(self) -> dict[str, str]:
        """Return the limits by the names that operations give them."""
        return {
            "register": self.register,
            "login": self.login,
            "refresh": self.refresh,
            "password": self.password,
            "email": self.email,
        }
