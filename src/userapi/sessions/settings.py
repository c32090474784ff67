"""The settings of sessions."""

from collections.abc import Iterator
from datetime import timedelta

from userapi.config.declarations import ONE_DAY, days, seconds, settings_group
from userapi.config.settings import Problem, Settings
from userapi.sessions.rotation import Lifetimes


@settings_group("Sessions")
class SessionSettings:
    """How long sessions and their tokens live."""

    access_lifetime: timedelta = seconds(
        "JWT_ACCESS_TOKEN_EXPIRES",
        default=3600,
        testing=5,
        help="How long an access token is valid, in seconds.",
    )
    absolute_lifetime: timedelta = seconds(
        "JWT_REFRESH_TOKEN_EXPIRES",
        default=30 * ONE_DAY,
        help="How long a session can live at all, in seconds; the default is 30 days.",
    )
    idle_lifetime: timedelta = seconds(
        "SESSION_IDLE_EXPIRES",
        default=7 * ONE_DAY,
        help="After how long without a refresh a session ends, in seconds; the default is 7 days.",
    )
    refresh_grace: timedelta = seconds(
        "REFRESH_GRACE_SECONDS",
        default=10,
        minimum=0,
        maximum=60,
        help="For how long after a refresh the old refresh token is answered once more, in "
        "seconds.",
    )

    retention: timedelta = days(
        "SESSION_RETENTION_DAYS",
        default=30,
        minimum=1,
        maximum=3650,
        help="How long a session is stored after its end, in days.",
    )

    def problems(self, _settings: Settings) -> Iterator[Problem]:
        """Yield the lives that are longer than what they are a part of."""
        if self.idle_lifetime > self.absolute_lifetime:
            yield Problem(
                "SESSION_IDLE_EXPIRES",
                "must not exceed JWT_REFRESH_TOKEN_EXPIRES, after which every session ends",
            )
        if self.access_lifetime > min(self.idle_lifetime, self.absolute_lifetime):
            yield Problem(
                "JWT_ACCESS_TOKEN_EXPIRES",
                "must not exceed SESSION_IDLE_EXPIRES and JWT_REFRESH_TOKEN_EXPIRES: the token "
                "would outlive its session",
            )

    @property
    def lifetimes(self) -> Lifetimes:
        """The three lives together, as services take them."""
        return Lifetimes(
            access=self.access_lifetime,
            idle=self.idle_lifetime,
            absolute=self.absolute_lifetime,
        )
