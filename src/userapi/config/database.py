"""The settings of the database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Self

from userapi.config.declarations import (
    boolean,
    choice,
    database_url,
    integer,
    replica_url,
    seconds,
    settings_group,
)
from userapi.config.instance import EnvironmentSettings, folder_problems
from userapi.config.settings import Problem, Settings
from userapi.config.variables import REQUIRED
from userapi.db.postgresql import Connector
from userapi.kit.files import make_private_folder


@settings_group("Database")
class DatabaseSettings:
    """The database and its connections; without a URL it is a file in the instance folder."""

    url: str = database_url(
        "DATABASE_URL",
        testing_variable="TEST_DATABASE_URL",
        production=REQUIRED,
        hint=", to postgresql://user@host/database",
        help="The database; an SQLite file in the instance folder if none is named.",
        in_compose=False,
    )
    replica_url: str = replica_url(
        "DATABASE_REPLICA_URL",
        help="A read replica of PostgreSQL, from which lists are read where it has all that the "
        "caller has changed.",
    )
    pool_size: int = integer(
        "DATABASE_POOL_SIZE",
        default=5,
        minimum=1,
        maximum=100,
        help="How many connections each process keeps; it opens as many again when all are busy, "
        "or more, until each of its threads can have one.",
    )
    timeout: timedelta = seconds(
        "DATABASE_TIMEOUT_SECONDS",
        default=4,
        minimum=1,
        maximum=60,
        help="How long a request waits altogether for a thread, for PostgreSQL, or for its turn to "
        "write to an SQLite file; and how long PostgreSQL works on a statement of one.",
    )
    prepared_statements: str = choice(
        "DATABASE_PREPARED_STATEMENTS",
        ("auto", "true", "false"),
        default="auto",
        help="Whether PostgreSQL keeps the plans of statements; auto: unless a pooler is in "
        "between. A PgBouncer in transaction mode can do it since its version 1.21, where its "
        "`max_prepared_statements` is not 0.",
    )
    echo: bool = boolean(
        "SQL_ECHO",
        default=False,
        help="Whether every SQL statement is logged, without its parameters.",
    )

    @property
    def connector(self) -> Connector:
        """What makes connections to PostgreSQL."""
        prepares = {"true": True, "false": False}.get(self.prepared_statements)
        return Connector(statement_seconds=self.timeout.total_seconds(), prepares=prepares)

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield a replica of what has none."""
        del settings
        if self.replica_url and not self.url.startswith("postgresql"):
            hint = "is for a DATABASE_URL of PostgreSQL only; leave it out"
            yield Problem("DATABASE_REPLICA_URL", hint)

    def completed(self, settings: Settings) -> Self:
        """Return the group with a database, and make the folder where it is ours."""
        folder = settings.of(EnvironmentSettings).instance_path
        url = self.url or f"sqlite:///{folder / settings.environment}.sqlite3"
        if url.startswith(f"sqlite:///{folder}/") and settings.makes_instance:
            with folder_problems(folder):
                make_private_folder(folder)
        return replace(self, url=url)
