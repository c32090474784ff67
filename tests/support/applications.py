"""Applications of a test's own, which really commit to a database of its own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, Engine, delete, text

from support.processes import PRODUCTION_SECRETS
from support.smtp import smtp_port
from userapi.app import build_app
from userapi.config.settings import Settings
from userapi.container import Feature
from userapi.features import load_settings, metadata
from userapi.rate_limits.store import RateLimitStore
from userapi.web.services import provided


def settings_for_testing(database_url: str, folder: Path, **variables: str) -> Settings:
    """Return the testing settings on that database, with these variables besides."""
    return load_settings(
        "testing",
        {
            "TEST_DATABASE_URL": database_url,
            "INSTANCE_PATH": str(folder),
            "SMTP_PORT": str(smtp_port()),
            **variables,
        },
    )


def settings_for_production(database_url: str, folder: Path, **variables: str) -> Settings:
    """Return the production settings on that database, with these variables besides."""
    return load_settings(
        "production",
        {
            **PRODUCTION_SECRETS,
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(folder),
            **variables,
        },
    )


@contextlib.contextmanager
def application(settings: Settings, *features: Feature) -> Iterator[Flask]:
    """Yield an application with those settings; its connections are closed at the end."""
    app = build_app(settings, features=features)
    try:
        yield app
    finally:
        close(app)


def close(app: Flask) -> None:
    """Close the connections of an application: its engine's, and those of its rate limits."""
    engine_of(app).dispose()
    with app.app_context():
        provided(RateLimitStore).dispose()


def engine_of(app: Flask) -> Engine:
    """Return the application's engine."""
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        return engine


def settings_of(app: Flask) -> Settings:
    """Return the application's settings."""
    with app.app_context():
        return provided(Settings)


def empty_tables(app: Flask) -> None:
    """Delete every row of the application's database, whatever its triggers say."""
    empty_tables_on(engine_of(app))


def empty_tables_on(engine: Engine) -> None:
    """Delete every row of a migrated database, whatever its triggers say."""
    with engine.begin() as connection, _without_triggers(connection):
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


@contextlib.contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """Take the triggers of the project away, and put them back at the end of the block."""
    if connection.dialect.name == "sqlite":
        found = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = list(connection.execute(found))
        before = [f"DROP TRIGGER {trigger.name}" for trigger in triggers]
        after = [trigger.sql for trigger in triggers]
    else:
        tables = [table.name for table in metadata.sorted_tables if table.name.startswith("audit_")]
        before = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
        after = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
    for statement in before:
        connection.exec_driver_sql(statement)
    yield
    for statement in after:
        connection.exec_driver_sql(statement)
