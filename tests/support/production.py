"""The server as it runs in production."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from support.databases import migrate
from support.processes import PRODUCTION_SECRETS, clean_environment, free_port, serving


@contextlib.contextmanager
def production_server(folder: Path, **variables: str) -> Iterator[str]:
    """Run `userapi serve` with one process on a new SQLite database in `folder`; yield its URL.

    `variables` are set besides.
    """
    database_url = f"sqlite:///{folder}/production.sqlite3"
    migrate(database_url)
    port = free_port()
    environment = clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="production",
        DATABASE_URL=database_url,
        INSTANCE_PATH=str(folder),
        PORT=str(port),
        WEB_CONCURRENCY="1",
        **variables,
    )
    command = (sys.executable, "-m", "userapi", "serve")
    with serving(*command, folder=folder, variables=environment, port=port) as url:
        yield url
