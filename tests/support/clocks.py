"""Clocks that a test sets."""

from datetime import datetime, timedelta

from flask import Flask

from support.applications import settings_of
from support.rows import NOON
from userapi.container import build_services
from userapi.db.rate_limits import RateLimitStore
from userapi.db.session import Database
from userapi.web.services import provide, provided


class SetClock:
    """A clock that shows noon until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.move_on(timedelta(seconds=seconds))

    def move_on(self, by: timedelta) -> None:
        """Let that much time pass."""
        self.now += by


def set_clock(app: Flask, clock: SetClock) -> None:
    """Let every service of `app` tell the time by `clock`."""
    settings = settings_of(app)
    with app.app_context():
        extension = app.extensions["sqlalchemy"]
        database = Database(session=extension.session, engine=extension.engine)
        store = provided(RateLimitStore)
        services = build_services(settings, database, store, clock)
        provide(app, {**app.extensions["userapi"], **services})
