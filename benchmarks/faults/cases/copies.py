"""Copies of the database: a backup that is restored, and a replica that lags (F21, F22)."""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.case import POSTGRESQL, SQLITE, Bench, Case, Database, Findings, Seen
from benchmarks.faults.checker import missing, rows_of
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.invariants import violations
from benchmarks.faults.journeys import POSTS, sign_up
from benchmarks.faults.ledger import Entry
from benchmarks.faults.service import Service
from benchmarks.faults.standby import standby_of
from benchmarks.faults.storm import quantile, storm
from support.databases import engine_on
from support.paths import LOGOUT, ME

_USERS = 100_000
_CALM_SECONDS = 15
_RATE = 80.0
_RESTORE_SECONDS = 60.0
_LEAST_SECONDS = 0.1  # what a quiet machine may take, whatever it took before
_COMMAND_SECONDS = 240
_LAG = "recovery_min_apply_delay=5s"
_UNAUTHORIZED = 401
_COPY = "copy"
_ENDED_IN_COPIES = ("a link that was mailed leads to a token", "a session has ended by an event")
"""What does not hold in a copy, whose links and sessions are ended all at once."""
_FILL = """
    WITH RECURSIVE numbers (n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :users)
    INSERT INTO users (email, password_hash, first_name, last_name, is_active, role,
        created_at, updated_at)
    SELECT 'filler' || n || '@example.org', 'hash', 'Ada', 'Lovelace', {true}, 'user',
        '2026-01-31 12:00:00+00:00', '2026-01-31 12:00:00+00:00' FROM numbers
"""


def back_up(bench: Bench) -> Seen:
    """Back up 100,000 users under load, restore them beside it, and try the old sessions."""
    found = Findings()
    with bench.database() as database:
        _fill(database, bench.pick(_USERS, 1000))
        with bench.service(database) as service:
            token = sign_up(service.url).access
            file, entries = _backed_up(bench, database, service, found)
        began = time.monotonic()
        copy = _restored(bench, database, file)
        found.within("restored", time.monotonic() - began, _RESTORE_SECONDS)
        _empty(copy.url)
        found.misses += _judged(copy.url, entries)
        with bench.service(copy) as service:
            old = Asker(service.url, Answers()).ask(Request("read", "GET", ME, token=token))
    found.demand(f"a session of before is answered {old.status}", holds=old.status == _UNAUTHORIZED)
    return found.seen()


def _backed_up(
    bench: Bench, database: Database, service: Service, found: Findings
) -> tuple[Path, list[Entry]]:
    """Back up under load; return the file, and what has to be in it."""
    with storm(service.url, bench.ledger, rate=_RATE) as clients:
        time.sleep(bench.pick(_CALM_SECONDS, 3))
        before = clients.world.ledger.entries()
        began = time.monotonic()
        file = _backup(bench, database, service)
        ended = time.monotonic()
    usual = quantile(_times(clients.answers(until=began)), 0.99)
    during = quantile(_times(clients.answers(since=began, until=ended)), 0.99)
    found.tell(f"a backup in {ended - began:.1f} s; 99 of 100 within {usual:.2f} s before it")
    found.within("during it", during, max(2 * usual, _LEAST_SECONDS))
    _empty(database.url)
    found.judge(clients.judge(database.url))
    return file, _known(before, clients.world.ledger.entries())


def lag(bench: Bench) -> Seen:
    """Read from a replica that is five seconds behind, what was just changed."""
    found, rounds = Findings(), bench.pick(100, 5)
    unseen, allowed = 0, 0
    with (
        bench.database() as database,
        standby_of(
            database.server, bench.folder / "standby", "-c", _LAG, confirms=False
        ) as standby,
        bench.service(database, DATABASE_REPLICA_URL=standby.url) as service,
    ):
        with storm(service.url, bench.ledger, clients=4, rate=40) as clients:
            for number in range(rounds):
                unseen += not _sees_own_post(service, f"round {number}")
                allowed += _is_let_in_afterwards(service)
        found.judge(clients.judge(database.url))
    found.demand(f"own changes unseen in {unseen} of {rounds}", holds=not unseen)
    found.demand(f"ended sessions let in: {allowed} of {rounds}", holds=not allowed)
    return found.seen()


def _fill(database: Database, users: int) -> None:
    true = "true" if database.cluster else "1"
    with engine_on(database.url) as engine, engine.begin() as connection:
        connection.execute(text(_FILL.format(true=true)), {"users": users})


def _empty(url: str) -> None:
    """Take out the users that were only to be many: nobody has registered them."""
    with engine_on(url) as engine, engine.begin() as connection:
        connection.execute(text("DELETE FROM users WHERE email LIKE 'filler%'"))


def _backup(bench: Bench, database: Database, service: Service) -> Path:
    file = bench.folder / "backup"
    if database.cluster is None:
        _run(service.command("db", "backup", str(file)), service)
    else:
        server = database.cluster
        _run([*_program(server, "pg_dump"), "--format=custom", f"--file={file}", server.plain_url])
    return file


def _restored(bench: Bench, database: Database, file: Path) -> Database:
    """Restore a backup beside the database it is of."""
    if database.cluster is None:
        copy = Database(f"sqlite:///{bench.folder / _COPY}.sqlite3")
        service = Service(copy.url, bench.folder, {})
        _run(service.command("db", "restore", "--yes", str(file)), service)
        return copy
    server = database.cluster
    server.execute(f"CREATE DATABASE {_COPY}")
    copy = Database(server.url_of(_COPY), server)
    plain = copy.url.replace("+psycopg", "")
    _run([*_program(server, "pg_restore"), "--single-transaction", f"--dbname={plain}", str(file)])
    service = Service(copy.url, bench.folder, {})
    _run(service.command("db", "upgrade"), service)
    _run(service.command("db", "mark-restored"), service)
    return copy


def _program(server: Cluster, name: str) -> list[str]:
    return [str(server.programs / name)]


def _run(command: Sequence[str], service: Service | None = None) -> None:
    ended = subprocess.run(  # noqa: S603 - the service's own commands, and PostgreSQL's
        command,
        env=service.variables if service else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=_COMMAND_SECONDS,
    )
    if ended.returncode:
        message = f"{' '.join(command)}: {ended.stderr}"
        raise RuntimeError(message)


def _known(before: Sequence[Entry], entries: Sequence[Entry]) -> list[Entry]:
    """Return all entries; those are in doubt that were not acknowledged before the backup."""
    known = {entry.number for entry in before if entry.is_acknowledged}
    return [
        entry if entry.number in known else replace(entry, status=None, effect={})
        for entry in entries
    ]


def _judged(url: str, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what the copy lacks, and what is wrong in it."""
    with engine_on(url) as engine, engine.connect() as connection:
        broken = [it for it in violations(connection) if not it.startswith(_ENDED_IN_COPIES)]
        found = {"missing": missing(entries, rows_of(connection)), "N2": broken}
    for name, each in found.items():
        if each:
            yield f"{name} in the copy: {len(each)} ({each[0]})"


def _times(answers: Sequence[Answer]) -> list[float]:
    return [each.seconds for each in answers if each.operation != "intrusion"]


def _sees_own_post(service: Service, title: str) -> bool:
    """Publish something, and say whether the next list has it."""
    person = sign_up(service.url)
    with contextlib.closing(Asker(service.url, Answers())) as asker:
        asker.ask(Request("post", "POST", POSTS, {"title": title, "content": "."}, person.access))
        listed = asker.ask(Request("list", "GET", POSTS, token=person.access))
    return listed.is_success and title in {post["title"] for post in listed.body["posts"]}


def _is_let_in_afterwards(service: Service) -> bool:
    """Log out, and say whether the token is still good for a list."""
    person = sign_up(service.url)
    with contextlib.closing(Asker(service.url, Answers())) as asker:
        asker.ask(Request("logout", "POST", LOGOUT, token=person.access))
        return asker.ask(Request("list", "GET", POSTS, token=person.access)).is_success


CASES = (
    Case(
        "F21",
        "a backup of 100,000 users under load, restored beside them",
        "99 of 100 at most twice as slow; restored within 60 s; nothing missing that was"
        " acknowledged before; sessions of before refused; N1 to N6",
        back_up,
        databases=(SQLITE, POSTGRESQL),
        minutes=8,
    ),
    Case(
        "F22",
        "a replica that is 5 s behind",
        "everybody sees their own changes; no ended session is let in; N1 to N6",
        lag,
        databases=(POSTGRESQL,),
    ),
)
