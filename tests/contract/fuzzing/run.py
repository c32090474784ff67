"""One run of schemathesis against a service of its own."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract.fuzzing.callers import Caller
from contract.fuzzing.report import EVENTS, SUMMARY, NoReportError, Report, read_report
from contract.fuzzing.settings import HOOKS, Effort, settings_of
from contract.fuzzing.verdict import faults_of
from support.applications import application, settings_for_testing
from support.databases import Server, migrate
from support.processes import clean_environment, client_of, live_server

_MOST_SECONDS = 900
_REQUEST = re.compile(r'127\.0\.0\.1 "[A-Z]+ ')
_NEVER = threading.Event()


@dataclass(frozen=True)
class Outcome:
    """What a run did, what is wrong with it, and what schemathesis and the service printed."""

    report: Report | None
    faults: list[str]
    printed: str

    def explanation(self) -> str:
        """Return all that there is to say of a run with faults."""
        return "\n".join([*self.faults, self.printed])


@contextmanager
def seeded_database(server: Server, folder: Path) -> Iterator[str]:
    """Yield the URL of a migrated database with the accounts and posts of `userapi seed-db`."""
    with server.empty() as url:
        migrate(url)
        with application(settings_for_testing(url, folder)) as app:
            seeding = app.test_cli_runner().invoke(args=["seed-db"])
        if seeding.exit_code:
            raise RuntimeError(seeding.output)
        yield url


def fuzz(
    database_url: str,
    folder: Path,
    caller: Caller,
    effort: Effort,
    *,
    stopped: threading.Event = _NEVER,
) -> Outcome:
    """Fuzz a service on that database as that caller, until done or `stopped`.

    `folder` is for this run alone, a folder `hypothesis` beside it for all runs; the database
    is not to be used afterwards.
    """
    with live_server(database_url, folder) as url:
        with client_of(url) as client:
            document = client.get("/openapi.json").raise_for_status().json()
        printed = _schemathesis(f"{url}/openapi.json", folder, caller, effort, stopped)
    log = "".join(path.read_text(errors="replace") for path in folder.glob("server-*.log"))
    try:
        report = read_report(folder)
    except NoReportError as error:
        return Outcome(None, [f"no report: {error}"], printed + log)
    faults = faults_of(report, document, caller)
    return Outcome(report, faults, _excerpt(printed) + _tracebacks(log))


def _schemathesis(
    url: str, folder: Path, caller: Caller, effort: Effort, stopped: threading.Event
) -> str:
    """Run it to the end; return what it printed."""
    settings, output = folder / "schemathesis.toml", folder / "printed.txt"
    settings.write_text(settings_of(caller, effort), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
        *("run", url, "--no-color", "--checks", "all", "--seed", str(effort.seed)),
        *("--report-json-path", str(folder / SUMMARY)),
        *("--report-ndjson-path", str(folder / EVENTS)),
    ]
    with output.open("wb") as file:
        # A session of its own: at Ctrl-C we end it ourselves, in order.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder.parent / "hypothesis"),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _MOST_SECONDS
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if stopped.wait(0.1):
                break
    finally:
        process.kill()
        process.wait()
    return output.read_text(encoding="utf-8", errors="replace")


def _environment(shared: Path) -> dict[str, str]:
    """Return the environment of schemathesis: it runs none of the code that is measured.

    `shared` is for what Hypothesis computes of Unicode, once and for seconds.
    """
    measured = {
        name: value
        for name, value in clean_environment().items()
        if not name.startswith("COVERAGE_")
    }
    return {
        **measured,
        "SCHEMATHESIS_HOOKS": str(HOOKS),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(shared),
    }


def _excerpt(printed: str) -> str:
    """Return the failures and the summary; without any, all there is."""
    start = printed.find("\n=====")
    return printed[max(start, 0) :]


def _tracebacks(log: str) -> str:
    """Return what the service logged, but for the line of each request."""
    kept = [line for line in log.splitlines() if not _REQUEST.match(line)]
    return "\nThe log of the service:\n" + "\n".join(kept)
