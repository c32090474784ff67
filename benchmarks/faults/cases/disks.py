"""Disks that are full, or do not keep what they are given (F11, F12)."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.faults.asking import Answers, Asker, Request
from benchmarks.faults.case import POSTGRESQL, SQLITE, Bench, Case, Database, Findings, Seen
from benchmarks.faults.journeys import sign_up
from benchmarks.faults.service import Service
from benchmarks.faults.storm import storm
from support.paths import ME

_SIZES = {SQLITE: "24m", POSTGRESQL: "160m"}
_FULL_SECONDS = 8
_RECOVERY_SECONDS = 5.0
_PAGE = 4096
_WRITES = {"edit", "post", "register", "login", "refresh"}


def fill(bench: Bench) -> Seen:
    """Fill the disk that the database is on, and make room again."""
    found = Findings()
    with _own_disk(bench) as disk, bench.database(disk=disk) as database:
        with bench.service(database) as service:
            token = sign_up(service.url).access
            with storm(service.url, bench.ledger) as clients:
                time.sleep(3)
                began = time.monotonic()
                with _filled(disk):
                    time.sleep(bench.pick(_FULL_SECONDS, 4))
                    reads = _read(service, token)
                _revive(database)
                recovery = clients.recovery(time.monotonic())
            refused = [it for it in clients.answers(began) if it.is_orderly_refusal]
            found.judge(clients.judge(database.url))
        found.demand(_integrity(database), holds=_integrity(database) == "intact")
    found.demand(f"{len(refused)} answers 503", holds=bool(refused))
    found.demand(f"a read meanwhile: {reads}", holds=reads in (200, 503))
    found.within("recovered", recovery, _RECOVERY_SECONDS)
    return found.seen()


def fail_to_sync(bench: Bench) -> Seen:
    """Have fsync and fdatasync fail in everything that writes the database."""
    found = Findings()
    with bench.database() as database, bench.service(database) as service:
        writers = service.workers if bench.kind == SQLITE else database.server.everybody()
        with storm(service.url, bench.ledger) as clients:
            time.sleep(3)
            began = time.monotonic()
            with _failing_syncs(writers):
                time.sleep(bench.pick(_FULL_SECONDS, 4))
                done = [
                    it
                    for it in clients.answers(began + 2)
                    if it.operation in _WRITES and it.is_success
                ]
            _revive(database)
            recovery = clients.recovery(time.monotonic())
        found.judge(clients.judge(database.url))
    found.demand(f"{len(done)} writes acknowledged meanwhile", holds=not done)
    found.within("recovered", recovery, _RECOVERY_SECONDS)
    return found.seen()


def become_read_only(bench: Bench) -> Seen:
    """Let nobody write, as a server does that has become another one's standby."""
    found = Findings()
    with bench.database() as database, bench.service(database) as service:
        token = sign_up(service.url).access
        with storm(service.url, bench.ledger) as clients:
            time.sleep(3)
            began = time.monotonic()
            _set_read_only(database, to="on")
            time.sleep(bench.pick(_FULL_SECONDS, 4))
            reads = _read(service, token)
            _set_read_only(database, to="off")
            recovery = clients.recovery(time.monotonic())
        refused = [it for it in clients.answers(began) if it.is_orderly_refusal]
        found.judge(clients.judge(database.url))
    found.demand(f"{len(refused)} answers 503", holds=bool(refused))
    found.demand(f"a read meanwhile: {reads}", holds=reads == 200)  # noqa: PLR2004 - the status of a read
    found.within("recovered", recovery, _RECOVERY_SECONDS)
    return found.seen()


@contextlib.contextmanager
def _own_disk(bench: Bench) -> Iterator[Path]:
    """Mount a small disk in memory; nobody else sees it."""
    disk = bench.folder / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount") or "mount", shutil.which("umount") or "umount"
    options = f"size={_SIZES[bench.kind]}"
    subprocess.run([mount, "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True)  # noqa: S603 - our own words
    try:
        yield disk
    finally:
        subprocess.run([umount, str(disk)], check=True)  # noqa: S603 - what was mounted


@contextlib.contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Leave no room on a disk until the block ends."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as output, contextlib.suppress(OSError):
        while True:
            output.write(b"\0" * _PAGE)
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def _failing_syncs(processes: list[int]) -> Iterator[None]:
    """Have what these processes ask the disk to keep fail until the block ends."""
    strace = shutil.which("strace")
    if strace is None:
        message = "strace is missing"
        raise RuntimeError(message)
    calls = "fsync,fdatasync,sync_file_range"
    command = [strace, "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    command += ["-e", f"inject={calls}:error=EIO"]
    command += [word for one in processes for word in ("-p", str(one))]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:  # noqa: S603 - our own words
        try:
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(10)


def _revive(database: Database) -> None:
    """Start PostgreSQL again where it has ended, as whoever runs it would."""
    if database.cluster is not None and not database.cluster.answers():
        database.cluster.stop()
        database.cluster.start()


def _read(service: Service, token: str) -> int | None:
    asker = Asker(service.url, Answers())
    with contextlib.closing(asker):
        return asker.ask(Request("read", "GET", ME, token=token)).status


def _set_read_only(database: Database, *, to: str) -> None:
    database.server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {to}")
    database.server.execute("SELECT pg_reload_conf()")


def _integrity(database: Database) -> str:
    """Return what the database says of itself."""
    if database.cluster is not None:
        return "intact"
    with contextlib.closing(sqlite3.connect(str(make_url(database.url).database))) as connection:
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
    return "intact" if said == "ok" else str(said)


CASES = (
    Case(
        "F11",
        "the disk of the database is full",
        "writes 503, reads 200 or 503; recovered within 5 s, intact; N1 to N6",
        fill,
        mounts=True,
    ),
    Case(
        "F12",
        "every fsync fails",
        "no write acknowledged; recovered within 5 s; N1 to N6",
        fail_to_sync,
    ),
    Case(
        "F12b",
        "the database is read-only",
        "writes 503, reads 200; recovered within 5 s; N1 to N6",
        become_read_only,
        databases=(POSTGRESQL,),
    ),
)
