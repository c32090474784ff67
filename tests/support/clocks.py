"""Clocks that a test sets."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import bindparam

from support.applications import settings_of
from support.rows import NOON
from userapi.config.settings import Settings
from userapi.container import FeatureList, Shared, build_parts
from userapi.db.base import UTCDateTime
from userapi.db.clock import DatabaseClock
from userapi.db.migrations import Migrations
from userapi.db.session import Database
from userapi.kit.clock import Clock
from userapi.kit.shared_flag import Stopping
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


def set_clock(app: Flask, clock: Clock, *, database_clock: DatabaseClock | None = None) -> None:
    """Let every service of `app` tell the time by `clock`, and the database too, unless told."""
    settings = settings_of(app)
    with app.app_context():
        extension = app.extensions["sqlalchemy"]
        database = Database(session=extension.session, engine=extension.engine)
        provide(
            app,
            {**app.extensions["userapi"], **parts_with(settings, database, clock, database_clock)},
        )


@contextlib.contextmanager
def clock_of(app: Flask, clock: Clock) -> Iterator[None]:
    """Let every service of `app` tell the time by `clock` until the block ends."""
    with app.app_context():
        parts = dict(app.extensions["userapi"])
    set_clock(app, clock)
    try:
        yield
    finally:
        with app.app_context():
            provide(app, parts)


def parts_with(
    settings: Settings,
    database: Database,
    clock: Clock,
    database_clock: DatabaseClock | None = None,
) -> dict[type, object]:
    """Return the parts of the current application as they are with another clock."""
    features = FeatureList(it for it in provided(FeatureList) if it is not RATE_LIMITS)
    kinds: tuple[type, ...] = (FeatureList, Migrations, RateLimitStore, Stopping)
    given: dict[type, object] = {kind: provided(kind) for kind in kinds}
    shared = Shared(
        settings=settings,
        database=database,
        clock=clock,
        database_clock=database_clock or database_clock_of(clock),
        parts=given,
    )
    return build_parts(features, shared)


def database_clock_of(clock: Clock) -> DatabaseClock:
    """Return the clock as the database's, for statements: it is asked when they are sent."""
    return lambda: bindparam("now", callable_=clock, type_=UTCDateTime(), unique=True)
