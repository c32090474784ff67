"""The database: whether it answers, takes writes, and is as safe as it could be."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Engine

from userapi.config.database import DatabaseSettings
from userapi.config.groups import ServerSettings
from userapi.config.settings import Settings
from userapi.db.engine import connection_limit
from userapi.db.facts import ServerFacts, clock_offset, ensure_lockable, round_trip, server_facts
from userapi.db.migrations import Migrations
from userapi.db.revisions import SchemaState
from userapi.doctor.preconditions import ensure_file_is_writable
from userapi.kit.clock import utc_now
from userapi.kit.diagnoses import Finding, failed, ok, warning
from userapi.rate_limits.database_store import POOL_SIZE

_FEW = timedelta(seconds=2)
_MANY = timedelta(seconds=10)
"""By how much clocks may differ before tokens of one host are refused by another."""


def database_findings(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Yield what there is to tell of the database; raise what it says where it does not answer."""
    milliseconds = round_trip(engine) * 1000
    if engine.dialect.name == "sqlite":
        ensure_file_is_writable(settings)
        ensure_lockable(engine)
        yield ok(f"SQLite {sqlite3.sqlite_version} in {engine.url.database}, writable")
        return
    facts = server_facts(engine)
    yield ok(f"PostgreSQL {facts.version}; an answer takes {milliseconds:.1f} ms")
    yield from _server_findings(facts)
    yield from _connection_findings(facts, settings)


def _server_findings(facts: ServerFacts) -> Iterator[Finding]:
    if facts.is_read_only:
        told = "it takes no writes: it is a replica, or was made read-only"
        yield failed(told, "name the primary in DATABASE_URL, or add target_session_attrs")
    elif not facts.may_insert:
        told = f"the role {facts.role} may not write to the tables"
        yield failed(told, "give it rights: userapi db roles")
    if facts.is_superuser or facts.owns_tables:
        what = "is a superuser" if facts.is_superuser else "owns the tables"
        told = f"the role {facts.role} {what}, and could drop what guards the audit trail"
        yield warning(told, "make a role for the service: userapi db roles")


def _connection_findings(facts: ServerFacts, settings: Settings) -> Iterator[Finding]:
    server, pool_size = settings.of(ServerSettings), settings.of(DatabaseSettings).pool_size
    most = server.processes * (connection_limit(pool_size, server.threads) + POOL_SIZE)
    if most > facts.connections:
        told = f"the service opens up to {most} connections, and the server has {facts.connections}"
        hint = "lower WEB_CONCURRENCY, WEB_THREADS or DATABASE_POOL_SIZE, or raise "
        yield warning(told, f"{hint}max_connections there")


def migration_findings(migrations: Migrations) -> Iterator[Finding]:
    """Yield whether the schema is that of this version."""
    state = migrations.state()
    at = ", ".join(sorted(migrations.current())) or "no migration yet"
    if state is SchemaState.CURRENT:
        yield ok(f"at the newest: {at}")
    elif state is SchemaState.BEHIND:
        yield failed(f"behind this version: {at}", "run: userapi db upgrade")
    elif state is SchemaState.BEYOND:
        yield failed(f"beyond this version: {at}", "start the newer userapi")
    else:
        told = f"newer than this version: {at}"
        yield warning(told, "replace this version by the one that the database was migrated for")


def clock_findings(engine: Engine) -> Iterator[Finding]:
    """Yield how far this machine's clock and the database's are apart."""
    if engine.dialect.name == "sqlite":
        yield ok("the database has this machine's clock")
        return
    offset = clock_offset(engine, utc_now)
    told = f"the database's clock differs by {abs(offset).total_seconds():.3f} seconds"
    mend = "let both machines set their clocks by NTP"
    if abs(offset) >= _MANY:
        yield failed(told, mend)
    elif abs(offset) >= _FEW:
        yield warning(told, mend)
    else:
        yield ok(told)
