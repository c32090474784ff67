"""The settings of failed logins and of the devices that are known."""

from datetime import timedelta

from userapi.config.declarations import ONE_DAY, days, integer, seconds, settings_group
from userapi.throttling.lockout import Lockout


@settings_group("Failed logins")
class ThrottlingSettings:
    """What failed logins lead to, and how long a device is known."""

    free_failures: int = integer(
        "LOGIN_FREE_FAILURES",
        default=10,
        minimum=1,
        maximum=20,
        help="How many consecutive failed logins with one address are free of delay.",
    )
    max_failures: int = integer(
        "LOGIN_MAX_FAILURES",
        default=50,
        minimum=20,
        maximum=100,
        help="At how many consecutive failed logins sign-in is locked until it is unlocked.",
    )
    device_lifetime: timedelta = seconds(
        "DEVICE_TOKEN_EXPIRES",
        default=90 * ONE_DAY,
        help="How long a device is known after the last login from it, in seconds; the default is "
        "90 days.",
    )

    failure_retention: timedelta = days(
        "LOGIN_FAILURE_RETENTION_DAYS",
        default=90,
        minimum=1,
        maximum=3650,
        help="How long failed logins are counted that lock no account, in days; as long as "
        "`DEVICE_TOKEN_EXPIRES` at least.",
    )

    @property
    def retention(self) -> timedelta:
        """How long failures are stored: a device that is locked has expired before they go."""
        return max(self.failure_retention, self.device_lifetime)

    @property
    def lockout(self) -> Lockout:
        """The figures by which failures delay and lock further ones."""
        return Lockout(free_failures=self.free_failures, max_failures=self.max_failures)
