"""The databases and folders of a long pass: made at its start, gone at its end."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from contract.fuzzing.long_pass import Combination, Run
from contract.fuzzing.run import Outcome, fuzz, seeded_database
from contract.fuzzing.settings import Effort
from support.databases import PostgresServer, Server, SQLiteFiles
from support.postgres import postgres_server

_IN_MEMORY = Path("/dev/shm")  # a folder like /tmp, but nothing waits for a disk


@contextlib.contextmanager
def runs_on(databases: set[str], stopped: threading.Event) -> Iterator[Run]:
    """Yield what runs schemathesis on a copy of a seeded database of its own."""
    with contextlib.ExitStack() as stack:
        parent = _IN_MEMORY if _IN_MEMORY.is_dir() else None
        temporary = tempfile.TemporaryDirectory(prefix="userapi-fuzzing-", dir=parent)
        folder = Path(stack.enter_context(temporary))
        servers: dict[str, Server] = {}
        if "sqlite" in databases:
            servers["sqlite"] = SQLiteFiles(folder)
        if "postgresql" in databases:
            servers["postgresql"] = PostgresServer(stack.enter_context(postgres_server()))
        templates = {
            name: stack.enter_context(seeded_database(server, folder))
            for name, server in servers.items()
        }

        def run(combination: Combination, effort: Effort) -> Outcome:
            server, template = servers[combination.database], templates[combination.database]
            with (
                tempfile.TemporaryDirectory(dir=folder) as own,
                server.copy_of(template) as url,
            ):
                return fuzz(url, Path(own), combination.caller, effort, stopped=stopped)

        yield run
