"""Clocks that a test sets."""

from datetime import datetime, timedelta

from flask import Flask

from support.applications import settings_of
from support.rows import NOON
from userapi.config.settings import Settings
from userapi.container import FeatureList, Shared, build_parts
from userapi.db.migrations import Migrations
from userapi.db.session import Database
from userapi.kit.clock import Clock
from userapi.rate_limits.feature import FEATURE as RATE_LIMITS
from userapi.rate_limits.store import RateLimitStore
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
        provide(app, {**app.extensions["userapi"], **parts_with(settings, database, clock)})


def parts_with(settings: Settings, database: Database, clock: Clock) -> dict[type, object]:
    """Return the parts of the current application as they are with another clock."""
    features = FeatureList(it for it in provided(FeatureList) if it is not RATE_LIMITS)
    kinds: tuple[type, ...] = (FeatureList, Migrations, RateLimitStore)
    given: dict[type, object] = {kind: provided(kind) for kind in kinds}
    shared = Shared(settings=settings, database=database, clock=clock, parts=given)
    return build_parts(features, shared)
