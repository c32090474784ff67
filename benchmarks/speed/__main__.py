"""Measure the service beside others, and write docs/performance.md.

    make bench [ARGS="--users 1000 100000 --rounds 5 --seconds 2 --only me first"]

Each contender has one worker on the first processor; PostgreSQL and the load generator run on the
last one. docs/performance.md tells what is compared, and how.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.speed.contenders import CONTENDERS, OURS
from benchmarks.speed.page import Report, write_page
from benchmarks.speed.processes import children_of, command_of, processors
from benchmarks.speed.running import Run, Wanted
from benchmarks.speed.works import WORKS
from support.postgres import postgres_server

_RAW = Path("build/benchmarks/speed.json")
_QUICK = ("bare", "argon2", "fastapi-users", "plain")
_POSTGRESQL = Path("/usr/lib/postgresql")


def main() -> int:
    """Measure, print and write; return 0 when all that was wanted ran."""
    arguments = _arguments()
    # Whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = _wanted(arguments)
    everything = os.sched_getaffinity(0)
    if len(everything) == 1:
        _say("There is one processor: what shares it is not told apart.")
    with tempfile.TemporaryDirectory(prefix="userapi-bench-") as folder:
        # PostgreSQL inherits it.
        os.sched_setaffinity(0, {processors()[1]})
        with postgres_server() as url:
            run = Run(wanted, url, _server_of_this_process(), Path(folder))
            with contextlib.suppress(KeyboardInterrupt):
                run.run()
    report = Report(wanted, run.results, is_quick=arguments.quick)
    _RAW.parent.mkdir(parents=True, exist_ok=True)
    _RAW.write_text(json.dumps([one.as_dict() for one in run.results.slices], indent=1))
    _say(report.text())
    if not arguments.dry:
        write_page(report)
    return 1 if run.results.failed else 0


def _server_of_this_process() -> int:
    return next(child for child in children_of(os.getpid()) if "postgres" in command_of(child))


def _wanted(arguments: argparse.Namespace) -> Wanted:
    quick = arguments.quick
    names = arguments.contenders or (_QUICK if quick else [one.name for one in CONTENDERS])
    return Wanted(
        users=arguments.users or ([1_000, 10_000] if quick else [1_000, 100_000, 1_000_000]),
        rounds=arguments.rounds or (2 if quick else 5),
        seconds=arguments.seconds or (0.4 if quick else 2.0),
        contenders=[one for one in CONTENDERS if one.name in (OURS, *names)],
        works=[work for work in WORKS if not arguments.only or work.name in arguments.only],
        # Not resolved: a virtual environment is known by the link's own path.
        python=str(Path(arguments.python).absolute()),
        minutes=arguments.minutes or (4 if quick else 90),
        flood_seconds=3.0 if quick else 30.0,
        starts=1 if quick else 3,
        pgbench=None if quick else _pgbench(),
    )


def _pgbench() -> Path | None:
    # Debian's command of that name is a script that looks for one of these.
    installed = sorted(_POSTGRESQL.glob("*/bin/pgbench"), key=lambda path: int(path.parts[4]))
    found = str(installed[-1]) if installed else shutil.which("pgbench")
    return None if found is None else Path(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two minutes, to see that it runs")
    parser.add_argument("--users", type=int, nargs="+", help="how many users, one after the other")
    parser.add_argument("--rounds", type=int, help="how often all of it is measured")
    parser.add_argument("--seconds", type=float, help="how long a slice is")
    parser.add_argument("--only", nargs="+", choices=[it.name for it in WORKS], help="which works")
    parser.add_argument(
        "--contenders", nargs="+", choices=[it.name for it in CONTENDERS], help="beside the service"
    )
    parser.add_argument("--minutes", type=float, help="the longest that measuring may take")
    parser.add_argument("--dry", action="store_true", help="print only; write no page")
    parser.add_argument("--python", default=sys.executable, help="the Python that has the others")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
