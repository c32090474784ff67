"""A real PgBouncer in front of PostgreSQL, in transaction mode."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from support.postgres import privileges_in
from support.processes import free_port, running

_CONFIGURATION = """\
[databases]
{database} = host={host} port={port} dbname={database} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
"""


@contextlib.contextmanager
def pgbouncer_before(database_url: str, folder: Path, *, connections: int) -> Iterator[str]:
    """Share so many connections to a database among all clients; yield its URL for them."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        message = "pgbouncer is missing; install it, then run make test-system"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    url, own_port = make_url(database_url), free_port()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        _CONFIGURATION.format(
            database=url.database,
            host=url.host,
            port=url.port,
            user=url.username,
            own_port=own_port,
            connections=connections,
        )
    )
    shown = url.set(port=own_port)
    plain = shown.set(drivername="postgresql").render_as_string(hide_password=False)
    with running(
        program,
        str(configuration),
        log=folder / "pgbouncer.log",
        is_ready=lambda: _answers(plain),
        **privileges_in(folder),
    ):
        yield shown.render_as_string(hide_password=False)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False
