"""Runs the migrations: with the engine of `userapi db`, or with the settings' database."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine

from userapi.config.database import DatabaseSettings
from userapi.config.groups import LoggingSettings
from userapi.config.settings import SettingsError
from userapi.db.base import UTCDateTime
from userapi.db.engine import configure_engine
from userapi.db.files import create_sqlite_file
from userapi.db.migrating import alone, migrating
from userapi.db.migration_limits import MigrationLimits
from userapi.features import load_settings, metadata
from userapi.web.logging import init_logging

if TYPE_CHECKING:
    from collections.abc import Callable

    from userapi.config.settings import Settings

config = context.config


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        raise CommandError(str(error)) from error  # Alembic shows it without a traceback


if config.config_file_name is not None:  # plain `alembic`, which has nobody else's log
    _log_settings = _settings().of(LoggingSettings)
    init_logging(_log_settings.level, is_json=_log_settings.is_json)
    logging.getLogger("alembic").setLevel(logging.INFO)

# SQLAlchemy cannot read SQLite's expression indexes back; a test looks for ours by name.
warnings.filterwarnings("ignore", message="autogenerate skipping metadata-specified expression")
warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based")


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types as plain ones: a migration must not change with the code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


_OF_OTHERS = ("procrastinate_", "user_search", "schema_floors")
"""How the names of tables begin that no model has: other programs', and those of db/ itself."""


def _include_object(item: Any, name: str | None, kind: str, *_: object) -> bool:
    """Say whether something is ours, and of the branch that a migration is written for."""
    is_compared: Callable[[str], bool] | None = config.attributes.get("is_compared")
    table = str(name if kind == "table" else item.table.name)
    if table.startswith(_OF_OTHERS):
        return False
    return is_compared is None or is_compared(table)


def _database_url() -> str:
    return _settings().of(DatabaseSettings).url


def _engine_of_settings() -> Engine:
    engine = create_engine(_database_url(), hide_parameters=True)
    configure_engine(engine)
    create_sqlite_file(engine)
    return engine


def run_online() -> None:
    """Run the migrations on a connection, each in a transaction of its own."""
    given: Engine | None = config.attributes.get("engine")
    limits: MigrationLimits = config.attributes.get("limits", MigrationLimits())
    if given is not None:  # `userapi db` has seen to it that it is alone
        _run_on(given, limits)
        return
    engine = _engine_of_settings()
    with alone(engine, limits.turn):
        _run_on(engine, limits)


def _run_on(engine: Engine, limits: MigrationLimits) -> None:
    with migrating(engine, limits) as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=_render_item,
            include_object=_include_object,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


def run_offline() -> None:
    """Print the SQL of the migrations (`alembic upgrade head --sql`)."""
    context.configure(
        url=_database_url(),
        target_metadata=metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        if context.get_context().dialect.name == "postgresql":
            for statement in MigrationLimits().as_sql():
                context.execute(statement)
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
