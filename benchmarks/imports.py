"""How long importing and exporting users takes beside psql's copy, and what a kill leaves.

    make bench-imports ARGS="--rows 1000000 --rounds 3"

Each round fills a new database with psql's copy, into the table with all indexes and constraints,
and another one with `userapi users import`, and writes both out again. Then an import is killed
(SIGKILL) in the middle and resumed.
"""

import argparse
import contextlib
import filecmp
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import psycopg
from sqlalchemy.engine import make_url

from benchmarks.services import new_database
from support.postgres import programs_folder
from support.processes import PRODUCTION_SECRETS, clean_environment

_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
_TIME = "2026-01-31T09:30:00.{:06}Z"
_COLUMNS = (
    "id, email, first_name, last_name, is_active, role, language, email_verified_at, email_set_at,"
    " created_at, updated_at, password_hash"
)


@dataclass(frozen=True)
class Run:
    """A command that has run: for how long, and how much memory it had at most."""

    seconds: float
    peak_mib: float


def write_users(file: Path, rows: int) -> None:
    """Write so many users as NDJSON, each with a hash of its own."""
    with file.open("w", encoding="utf-8") as out:
        for number in range(1, rows + 1):
            digest = hashlib.sha256(str(number).encode()).hexdigest()[:43]
            at = _TIME.format(number % 1_000_000)
            out.write(
                f'{{"id":{number},"email":"person{number}@mail{number % 97}.example.com",'
                f'"first_name":"Ada {number % 997}","last_name":"Lovelace",'
                f'"is_active":{"false" if number % 10 == 0 else "true"},"role":"user",'
                f'"language":"en","email_verified_at":"{at}","email_set_at":null,'
                f'"created_at":"{at}","updated_at":"{at}","password_hash":"{_HASH}{digest}"}}\n'
            )


@contextlib.contextmanager
def empty_database() -> Iterator[str]:
    """Yield the URL of a migrated database on a server of its own."""
    with new_database("postgresql") as (url, _):
        yield url


def run(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> Run:
    """Run a command to its end."""
    begin = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=folder, env=variables, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        message = f"{command[0]} ended with {status}"
        raise RuntimeError(message)
    process.returncode = 0
    return Run(time.monotonic() - begin, usage.ru_maxrss / 1024)


def userapi(*arguments: str) -> list[str]:
    """Return a command of ours."""
    return [sys.executable, "-m", "userapi", *arguments]


def variables_for(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of our commands."""
    return clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="development",
        DATABASE_URL=url,
        INSTANCE_PATH=str(folder),
    )


def psql(url: str, command: str, folder: Path) -> Run:
    """Run a command of psql."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    program = str(programs_folder() / "psql")
    return run([program, "-q", "-X", "-v", "ON_ERROR_STOP=1", "-c", command, address], folder)


def one_round(folder: Path, users: Path, table: Path) -> dict[str, Run]:
    """Measure both ways in and out."""
    found: dict[str, Run] = {}
    with empty_database() as url:
        variables = variables_for(url, folder)
        found["in, ours"] = run(
            userapi("users", "import", str(users), "--keep-ids"), folder, variables
        )
        out = folder / "out.ndjson"
        found["out, ours"] = run(userapi("users", "export", str(out)), folder, variables)
        if not filecmp.cmp(out, users, shallow=False):
            message = "what came out is not what went in"
            raise RuntimeError(message)
        found["out, copy"] = psql(url, f"\\copy users ({_COLUMNS}) TO '{table}'", folder)
    with empty_database() as url:
        found["in, copy"] = psql(url, f"\\copy users ({_COLUMNS}) FROM '{table}'", folder)
    return found


def kill_and_resume(folder: Path, users: Path, rows: int) -> str:
    """Kill an import in the middle, and resume it; tell what that left."""
    with empty_database() as url:
        variables = variables_for(url, folder)
        command = userapi("users", "import", str(users), "--keep-ids")
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=folder, env=variables, stderr=subprocess.PIPE
        )
        told = process.stderr.readline() if process.stderr else b""
        import_id = told.split()[-1].decode()
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            while _count(connection) < rows // 3 and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
            process.wait()
            at_kill = _count(connection)
            run([*command, "--resume", import_id], folder, variables)
            total = _count(connection)
        out = folder / "resumed.ndjson"
        run(userapi("users", "export", str(out)), folder, variables)
        same = filecmp.cmp(out, users, shallow=False)
    return f"killed at {at_kill:,} users; {total:,} after resuming; byte-equal: {same}"


def _count(connection: psycopg.Connection[tuple[int]]) -> int:
    row = connection.execute("SELECT count(*) FROM users").fetchone()
    return 0 if row is None else int(row[0])


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="userapi-imports-") as name:
        folder = Path(name)
        users, table = folder / "users.ndjson", folder / "users.copy"
        write_users(users, options.rows)
        rounds = []
        for number in range(options.rounds):
            found = one_round(folder, users, table)
            rounds.append(found)
            for what, one in sorted(found.items()):
                click.echo(f"{number + 1}  {what:10} {one.seconds:7.2f} s  {one.peak_mib:6.0f} MiB")
        for way in ("in", "out"):
            ratios = [it[f"{way}, ours"].seconds / it[f"{way}, copy"].seconds for it in rounds]
            into = [it[f"{way}, ours"].seconds / it["in, copy"].seconds for it in rounds]
            click.echo(
                f"{way}: {median(ratios):.2f} times \\copy {way} ({min(ratios):.2f} to "
                f"{max(ratios):.2f}); {median(into):.2f} times \\copy in"
            )
        click.echo(kill_and_resume(folder, users, options.rows))


if __name__ == "__main__":
    main()
