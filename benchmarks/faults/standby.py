"""A standby of a PostgreSQL server, which confirms each commit and can take its place."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.faults.cluster import Cluster

_COPY_SECONDS = 120


class Standby(Cluster):
    """Follows another server; nobody may write to it until it is promoted."""

    def follow(self, primary: Cluster, name: str = "standby") -> None:
        """Copy the other server, and start to follow it by that name."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
        subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [
                str(self.programs / "pg_basebackup"),
                "--checkpoint=fast",
                "-D",
                str(self.data),
                "-R",
                "-d",
                source,
            ],
            check=True,
            capture_output=True,
            timeout=_COPY_SECONDS,
            cwd="/",
            **self.privileges,
        )
        self.start()

    def promote(self) -> None:
        """Make it one that may be written to."""
        self.execute("SELECT pg_promote(true, 30)")


@contextlib.contextmanager
def standby_of(
    primary: Cluster, home: Path, *options: str, confirms: bool = True
) -> Iterator[Standby]:
    """Run a standby of a server until the block ends; with `confirms` each commit waits for it."""
    home.mkdir()
    standby = Standby(home, *options)
    try:
        standby.follow(primary)
        if confirms:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            primary.execute("SELECT pg_reload_conf()")
        yield standby
    finally:
        standby.stop()


def failover_url(*servers: Cluster) -> str:
    """Return the URL of whichever of these servers may be written to."""
    first = make_url(servers[0].url)
    hosts = [f"127.0.0.1:{server.port}" for server in servers]
    query = {"host": hosts, "target_session_attrs": "read-write"}
    return first.set(host=None, port=None, query=query).render_as_string(hide_password=False)
