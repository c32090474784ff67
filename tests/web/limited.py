"""Clients of an application that limits rates."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from support.accounts import REGISTRATION, Headers
from support.applications import engine_of
from support.paths import LOGIN, REFRESH, USERS
from userapi.rate_limits.models import RateLimitCount

LIMIT = 3
"""How often each limited operation may be asked for in five minutes."""

LIMITS = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_REGISTER": f"{LIMIT} per 5 minutes",
    "RATELIMIT_LOGIN": f"{LIMIT} per 5 minutes",
    "RATELIMIT_REFRESH": f"{LIMIT} per 5 minutes",
}


@dataclass(frozen=True)
class Limited:
    """An application with limits; its requests come from the address that is named."""

    app: Flask

    def ask(
        self, path: str, address: str | None = "203.0.113.7", *, headers: Headers | None = None
    ) -> TestResponse:
        """Ask for an operation, without a body that it could take."""
        return self.app.test_client().post(
            path, json={}, headers=headers, environ_overrides={"REMOTE_ADDR": address or ""}
        )

    def exhaust(self, path: str, address: str | None = "203.0.113.7") -> None:
        """Ask as often as is allowed; a refusal fails the test."""
        assert 429 not in [self.ask(path, address).status_code for _ in range(LIMIT)]

    def register(self, key: str) -> TestResponse:
        """Register with an idempotency key."""
        return self.app.test_client().post(
            USERS,
            json=REGISTRATION,
            headers={"Idempotency-Key": key},
            environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        )

    def age(self, seconds: float) -> None:
        """Let so many seconds of every window pass."""
        expires_at = RateLimitCount.expires_at - seconds
        with engine_of(self.app).begin() as connection:
            connection.execute(update(RateLimitCount).values(expires_at=expires_at))

    def windows(self) -> int:
        """Return how many windows are counted."""
        with engine_of(self.app).connect() as connection:
            return connection.scalar(select(func.count()).select_from(RateLimitCount)) or 0


NAMES = {USERS: "register", LOGIN: "login", REFRESH: "refresh"}
"""The names of the limits, by the paths of their operations."""
