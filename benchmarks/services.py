"""Databases and servers of benchmarks: made anew on loopback, and gone afterwards.

Limits are on, as they are in production, because to count is part of what a request costs. Each
can be set so high that nobody reaches it.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from support.databases import PostgresServer, Server, SQLiteFiles, migrate
from support.postgres import postgres_server
from support.processes import PRODUCTION_SECRETS, clean_environment, free_port, serving

DATABASES = ("sqlite", "postgresql")
NO_LIMIT = "1000000 per 5 minutes"


@contextlib.contextmanager
def new_database(kind: str) -> Iterator[tuple[str, Path]]:
    """Yield the URL of a migrated database of that kind, and a folder beside it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="userapi-bench-")))
        server: Server = SQLiteFiles(folder)
        if kind == "postgresql":
            server = PostgresServer(stack.enter_context(postgres_server()))
        database_url = stack.enter_context(server.empty())
        migrate(database_url)
        yield database_url, folder


@contextlib.contextmanager
def new_service(kind: str, fill: Callable[[str], object], **settings: str) -> Iterator[str]:
    """Have `fill` fill a new database, and serve it with these settings; yield the URL."""
    with new_database(kind) as (database_url, folder):
        fill(database_url)
        port = free_port()
        variables = clean_environment(
            **PRODUCTION_SECRETS,
            FLASK_ENV="development",
            DATABASE_URL=database_url,
            INSTANCE_PATH=str(folder),
            PORT=str(port),
            **{"RATELIMIT_CLIENT": NO_LIMIT, "RATELIMIT_LOGIN": NO_LIMIT, **settings},
        )
        command = (sys.executable, "-m", "userapi", "serve")
        with serving(*command, folder=folder, variables=variables, port=port) as url:
            yield url
