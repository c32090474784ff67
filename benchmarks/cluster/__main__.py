"""Run the grown installation for real, break it part by part, and write docs/scaling.md.

    make cluster [ARGS="--only C5 C6 --dry"]

All of it runs on loopback, in a folder of its own, and ends with this program. Ends with a status
that is not zero when something is not as it is demanded.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cluster.installation import Installation, installed
from benchmarks.cluster.page import Result, report, write_page
from benchmarks.cluster.programs import PackageMissing, ensure_programs
from benchmarks.cluster.scenario import Scenario
from benchmarks.cluster.scenarios import SCENARIOS
from benchmarks.faults.case import Seen

_MINUTES = 8
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
_BUILD = Path("build/cluster")


def main() -> int:
    """Run, print and write; return 0 when all is as it is demanded."""
    wanted = _arguments()
    try:
        ensure_programs()
    except PackageMissing as error:
        _say(f"make cluster: {error}")
        return 1
    for each in _ENDING:
        signal.signal(each, _end)
    signal.alarm(60 * _MINUTES)
    began = time.monotonic()
    results = _run([it for it in SCENARIOS if not wanted.only or it.name in wanted.only])
    text = report(results, time.monotonic() - began)
    _say(text)
    if not wanted.dry:
        write_page(text)
    return 1 if any(result.misses for result in results) else 0


def _end(number: int, _: object) -> None:
    """End what was started, once: it is not broken off by who asks again."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    over = f"not over after {_MINUTES} minutes"
    sys.exit(over if number == signal.SIGALRM else "broken off")


def _run(scenarios: Sequence[Scenario]) -> list[Result]:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="userapi-cluster-") as folder:
        # PostgreSQL may run as somebody else, who has to get in.
        Path(folder).chmod(0o711)
        try:
            with installed(Path(folder)) as place:
                for scenario in scenarios:
                    result = Result(scenario, _seen(scenario, place))
                    results.append(result)
                    _say(f"{scenario.name} {result.seen.figure}")
                    for miss in result.misses:
                        _say(f"    missed: {miss}")
        finally:
            _keep_logs(Path(folder))
    return results


def _seen(scenario: Scenario, place: Installation) -> Seen:
    """Run a scenario; what goes wrong with the running itself is missed, and the next ones run."""
    try:
        return scenario.run(place)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        traceback.print_exc()
        return Seen("broken off", [f"broken off: {error!r}"[:300]])


def _keep_logs(folder: Path) -> None:
    """Keep what was logged, to be read when something is missed."""
    shutil.rmtree(_BUILD, ignore_errors=True)
    for log in folder.rglob("*.log"):
        kept = _BUILD / log.relative_to(folder)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--only", nargs="+", choices=names, help="which scenarios")
    parser.add_argument("--dry", action="store_true", help="print only; write no page")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
