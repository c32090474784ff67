"""Break what the service stands on, case by case, and write docs/reliability.md.

    make faults [ARGS="--only F6 F7 --database postgresql --resume"]

Every case runs in a process of its own, for so long at most, on loopback; it ends only what it has
started. What was found is in build/faults/results.json after each case; `--resume` goes on from
there.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.faults.case import BOTH, Bench, Case, Seen
from benchmarks.faults.catalogue import CASES, SOAK, case_named
from benchmarks.faults.page import report, write_page
from benchmarks.faults.results import Result, Results

_BUILD = Path("build/faults")
_GRACE_SECONDS = 60.0
_PASSED, _MISSED = "ok", "MISSED"


def main() -> int:
    """Run what is wanted; return 0 when nothing is missed."""
    # Whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = _arguments()
    if wanted.one:
        return _run_here(wanted)
    results = Results(_BUILD / ("quick.json" if wanted.quick else "results.json"))
    if wanted.resume or wanted.soak:
        results.read()
    deadline = time.monotonic() + 60 * wanted.minutes
    for case in _cases(wanted):
        for database in case.quick if wanted.quick and not wanted.only else case.databases:
            is_done = not wanted.soak and results.of(case.name, database)
            if database not in wanted.database or is_done:
                continue
            if time.monotonic() > deadline:
                _say("the time is over; --resume goes on")
                return 1
            results.add(_run(case, database, wanted))
            _tell(results.all()[-1])
    if not wanted.quick and not wanted.dry:
        write_page((*CASES, SOAK), results, _machine())
    _say(report(_cases(wanted), results, _machine()))
    return 1 if any(result.misses for result in results.all()) else 0


def _run(case: Case, database: str, wanted: argparse.Namespace) -> Result:
    """Run a case in a process of its own, and end it when its time is over."""
    began = time.monotonic()
    seen_in = _seen_file(case.name, database)
    seen_in.unlink(missing_ok=True)
    _BUILD.mkdir(parents=True, exist_ok=True)
    log = (_BUILD / f"{case.name}-{database}.log").open("wb")
    with log:
        process = subprocess.Popen(  # noqa: S603 - this program once more
            _command(case, database, wanted), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        process.wait(60 * case.minutes)
    except subprocess.TimeoutExpired:
        _end(process)
        seen = Seen("was not over", [f"was not over after {case.minutes:g} minutes"])
    except BaseException:
        _end(process)
        raise
    else:
        seen = _seen(seen_in, _BUILD / f"{case.name}-{database}.log")
    if wanted.quick:
        # It runs beside other tests, which take the time: what is late decides nothing.
        late = f" (late: {'; '.join(seen.late)})" if seen.late else ""
        seen = replace(seen, figure=f"{seen.figure}{late}", late=())
    return Result.of(case.name, database, seen, time.monotonic() - began)


def _command(case: Case, database: str, wanted: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.faults", "--one", case.name]
    command += ["--database", database, *(["--quick"] if wanted.quick else [])]
    if case.mounts and os.geteuid() == 0 and (unshare := shutil.which("unshare")):
        return [unshare, "--mount", *command]
    return command


def _seen_file(case: str, database: str) -> Path:
    return _BUILD / f"{case}-{database}.json"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _seen(file: Path, log: Path) -> Seen:
    if file.exists():
        return Seen(**json.loads(file.read_text(encoding="utf-8")))
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return Seen("ended early", [f"ended early: {' '.join(last)}"])


def _run_here(wanted: argparse.Namespace) -> int:
    """Run one case in this process, and write what it has seen."""
    case, (database,) = case_named(wanted.one), wanted.database
    with tempfile.TemporaryDirectory(prefix="userapi-faults-") as folder:
        # PostgreSQL may run as somebody else, who has to get in.
        Path(folder).chmod(0o711)
        ledger = _BUILD / "ledgers" / f"{case.name}-{database}.jsonl"
        seen = case.run(Bench(database, Path(folder), ledger.absolute(), wanted.quick))
    file = _seen_file(case.name, database)
    file.write_text(json.dumps(asdict(seen)), encoding="utf-8")
    return 0


def _cases(wanted: argparse.Namespace) -> list[Case]:
    """Return the cases that are named; without names all but the soak, or the quick ones."""
    if wanted.soak:
        return [SOAK]
    if wanted.only:
        return [case for case in CASES if case.name in wanted.only]
    return [case for case in CASES if case.quick or not wanted.quick]


def _tell(result: Result) -> None:
    verdict = _MISSED if result.misses else _PASSED
    _say(f"{result.case} {result.database} {verdict} {result.seconds:.0f} s: {result.figure}")
    for miss in result.misses:
        _say(f"    {miss}")


def _machine() -> str:
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} processors, {system}."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    names = [case.name for case in (*CASES, SOAK)]
    parser.add_argument("--only", nargs="+", choices=names, help="which cases")
    parser.add_argument("--database", nargs="+", choices=BOTH, default=list(BOTH))
    parser.add_argument("--quick", action="store_true", help="a few cases, in short")
    parser.add_argument("--soak", action="store_true", help="load for half an hour, alone")
    parser.add_argument("--resume", action="store_true", help="leave out what has run already")
    parser.add_argument("--minutes", type=float, default=60, help="begin no case after so long")
    parser.add_argument("--dry", action="store_true", help="print only; write no page")
    parser.add_argument("--one", choices=names, help=argparse.SUPPRESS)
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
