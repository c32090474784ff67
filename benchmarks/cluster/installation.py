"""The whole: two servers and a worker, on what they need when there are many of them."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cluster.patroni import PASSWORD, SUPERUSER, Patroni, patroni
from benchmarks.cluster.pooling import Pooler, pooler
from benchmarks.cluster.programs import Program, program
from benchmarks.faults.service import Service
from support.databases import migrate
from support.processes import free_port
from support.redis import answers
from support.smtp import SMTPServer, smtp_server

DATABASE = USER = "userapi"
USER_PASSWORD = "correct-horse-battery"  # noqa: S105 - of a database that is gone afterwards
LIMIT = 40
"""How many forgotten passwords are let in."""


@dataclass
class Installation:
    """All of it, running."""

    folder: Path
    patroni: Patroni
    pooler: Pooler
    redis: Program
    smtp: SMTPServer
    settings: Mapping[str, str]
    servers: list[Service] = field(default_factory=list)
    workers: list[Program] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        """Where the servers answer."""
        return [server.url for server in self.servers]

    @property
    def direct_url(self) -> str:
        """The database past PgBouncer, on whichever host takes writes."""
        return self.patroni.url(USER, USER_PASSWORD, DATABASE)

    @property
    def judged_url(self) -> str:
        """The database as who judges it reads it."""
        address = f"127.0.0.1:{self.patroni.primary.port}"
        return f"postgresql+psycopg://{SUPERUSER}:{PASSWORD}@{address}/{DATABASE}"

    def ledger(self, name: str) -> Path:
        """Return where what clients are told is written down."""
        return self.folder / "ledgers" / f"{name}.jsonl"

    def new_server(self, database_url: str) -> Service:
        """Return another server, which is not started; jobs are left to the workers."""
        return Service(database_url, self.folder, self.settings, ("--without-worker",))

    def new_worker(self) -> Program:
        """Return another worker, which is not started. It goes past PgBouncer."""
        service = Service(self.direct_url, self.folder, self.settings)
        log = self.folder / f"worker-{service.port}.log"
        worker = Program(
            Service.command("worker"), log, lambda: True, env=service.variables, cwd=self.folder
        )
        self.workers.append(worker)
        return worker

    def start(self) -> None:
        """Start two servers that share PgBouncer, and a worker."""
        for _ in range(2):
            server = self.new_server(self.pooler.url)
            self.servers.append(server)
            server.start()
        self.new_worker().launch()

    def destroy(self) -> None:
        """End all servers and workers."""
        with contextlib.ExitStack() as stack:
            for server in self.servers:
                stack.callback(server.destroy)
            for worker in self.workers:
                stack.callback(worker.stop)


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Run it all until the block ends."""
    with contextlib.ExitStack() as stack:
        smtp = stack.enter_context(smtp_server())
        hosts = stack.enter_context(patroni(folder / "patroni"))
        _make_database(hosts)
        home = folder / "pooler"
        pool = stack.enter_context(pooler(home, hosts.hosts, user=USER, password=USER_PASSWORD))
        port = free_port()
        redis = _redis(folder, port)
        stack.callback(redis.stop)
        redis.start()
        settings = _settings(port, hosts, smtp)
        everything = Installation(folder, hosts, pool, redis, smtp, settings)
        stack.callback(everything.destroy)
        everything.start()
        yield everything


def _make_database(hosts: Patroni) -> None:
    """Make the role and its database, and migrate it past PgBouncer."""
    primary = hosts.primary
    primary.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{USER_PASSWORD}'")
    primary.execute(f"ALTER ROLE {USER} SET statement_timeout = '5s'")
    primary.execute(f"CREATE DATABASE {DATABASE} OWNER {USER}")
    address = f"127.0.0.1:{primary.port}"
    migrate(f"postgresql+psycopg://{USER}:{USER_PASSWORD}@{address}/{DATABASE}")


def _redis(folder: Path, port: int) -> Program:
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--maxmemory", "64mb", "--maxmemory-policy", "noeviction", "--save", ""]
    return Program(command, folder / "redis.log", lambda: answers(port), cwd=folder)


def _settings(redis_port: int, hosts: Patroni, smtp: SMTPServer) -> dict[str, str]:
    return {
        "WEB_CONCURRENCY": "1",
        "DATABASE_REPLICA_URL": hosts.url(USER, USER_PASSWORD, DATABASE),
        "RATELIMIT_STORAGE_URI": f"redis://127.0.0.1:{redis_port}/0",
        "RATELIMIT_PASSWORD": f"{LIMIT} per 5 minutes",
        "MAIL_SENDER": "smtp",
        "MAIL_FROM": "accounts@example.com",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp.port),
        "SMTP_SECURITY": "none",
        "PUBLIC_URL": "http://127.0.0.1:5000",
    }
