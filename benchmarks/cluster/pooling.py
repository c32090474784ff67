"""PgBouncer, and haproxy behind it, which leads to the primary."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from benchmarks.cluster.patroni import Host
from benchmarks.cluster.programs import Program, program, shipped
from support.postgres import privileges_in
from support.processes import free_port


class Pooler:
    """A PgBouncer in transaction mode that is connected to the primary, whichever that is."""

    def __init__(self, home: Path, hosts: Sequence[Host], user: str, password: str) -> None:
        home.mkdir()
        self.port, self._primary = free_port(), free_port()
        self.user, self.password = user, password
        options = {"cwd": home, **privileges_in(home)}
        for file, text in (
            ("haproxy.cfg", self._leading_to(hosts)),
            ("pgbouncer.ini", self._pooling(home)),
            ("userlist.txt", f'"{user}" "{password}"\n'),
        ):
            (home / file).write_text(text, encoding="utf-8")
        self.haproxy = Program(
            [program("haproxy"), "-db", "-f", str(home / "haproxy.cfg")],
            home / "haproxy.log",
            lambda: _lets_in(self.url_at(self._primary)),
            **options,
        )
        self.pgbouncer = Program(
            [program("pgbouncer"), str(home / "pgbouncer.ini")],
            home / "pgbouncer.out",
            lambda: _lets_in(self.url),
            **options,
        )

    @property
    def url(self) -> str:
        """The database by way of PgBouncer."""
        return self.url_at(self.port)

    def url_at(self, port: int) -> str:
        """Return the database's URL at a port of loopback."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{port}/{self.user}"

    def _leading_to(self, hosts: Sequence[Host]) -> str:
        servers = "".join(
            f"    server {host.name} 127.0.0.1:{host.port} port {host.api}\n" for host in hosts
        )
        changes = {
            r"^    (?:chroot|user|group) .*\n": "",
            r"log /dev/log local0": "log stdout format raw local0",
            r"bind 127\.0\.0\.1:5000": f"bind 127.0.0.1:{self._primary}",
            r"check port 8008": "check",
            r"^    server one .*\n    server two .*\n": servers,
        }
        return shipped("patroni/haproxy.cfg", changes)

    def _pooling(self, home: Path) -> str:
        changes = {
            r"port=5000": f"port={self._primary}",
            r"listen_port = 6432": f"listen_port = {self.port}",
            r"/etc/pgbouncer/userlist.txt": f"{home}/userlist.txt",
            r"/var/log/postgresql/pgbouncer.log": f"{home}/pgbouncer.log",
            r"/run/postgresql/pgbouncer.pid": f"{home}/pgbouncer.pid",
        }
        return shipped("pgbouncer/pgbouncer.ini", changes)


@contextlib.contextmanager
def pooler(home: Path, hosts: Sequence[Host], *, user: str, password: str) -> Iterator[Pooler]:
    """Run PgBouncer and haproxy until the block ends."""
    both = Pooler(home, hosts, user, password)
    with contextlib.ExitStack() as stack:
        for each in (both.haproxy, both.pgbouncer):
            stack.callback(each.stop)
            each.start()
        yield both


def _lets_in(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
        return True
    return False
