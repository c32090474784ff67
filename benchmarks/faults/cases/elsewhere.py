"""What other programs of the project prove, at its full size (F20, F26)."""

import math
import os
import re
import subprocess
import sys

from benchmarks.faults.case import POSTGRESQL, SQLITE, Bench, Case, Seen

_SECONDS = 5
_DURATION = re.compile(r"^([\d.]+)s call", re.MULTILINE)
_PASSED = re.compile(r"(\d+) passed")
_FIGURE = re.compile(r"^\| \**([^|*]+?)\** \| \**([^|*]+?)\** \|$", re.MULTILINE)
_FIGURES = (
    "requests",
    "failed requests",
    "acknowledged writes lost",
    "sessions ended that nobody ended",
    "99 of 100 answers within",
)
_CONFIGURATIONS = "tests/e2e/test_wrong_configurations.py"


def roll_out(bench: Bench) -> Seen:
    """Migrate under load, with the last release beside this one, there and back."""
    sizes = [
        f"--{name}={bench.pick(full, quick)}"
        for name, full, quick in (("databases", 2, 1), ("rounds", 2, 1), ("requests", 10_000, 500))
    ]
    ended = _run("benchmarks.rollout", "--dry", f"--database={bench.kind}", *sizes)
    figures = dict(_FIGURE.findall(ended.stdout))
    told = "; ".join(f"{name}: {figures[name]}" for name in _FIGURES if name in figures)
    return Seen(
        told, [] if ended.returncode == 0 else [f"the rollout ended with: {ended.stderr[-300:]}"]
    )


def configure_wrongly(bench: Bench) -> Seen:
    """Start the service with each of the wrong configurations."""
    del bench
    ended = _run("pytest", "-q", "--durations=1", _CONFIGURATIONS, USERAPI_FRESH_INTERPRETERS="1")
    slowest = max((float(it) for it in _DURATION.findall(ended.stdout)), default=math.inf)
    last = (ended.stdout.strip().splitlines() or ["nothing"])[-1].strip("= ")
    passed = _PASSED.search(last)
    is_fine = ended.returncode == 0 and passed
    count = passed.group(1) if passed else "0"
    misses = [] if is_fine else [f"the tests ended with: {last}"]
    misses += [] if slowest < _SECONDS else [f"one took {slowest:.2f} s"]
    return Seen(f"{count} refused in one line each, within {slowest:.2f} s", misses)


def _run(module: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(  # noqa: S603 - the project's own programs
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )
    sys.stdout.write(ended.stdout + ended.stderr)
    return ended


CASES = (
    Case(
        "F20",
        "the last release and this one on one database under load, there and back",
        "nothing fails, nothing is lost, no session ends",
        roll_out,
        databases=(POSTGRESQL,),
        minutes=10,
    ),
    Case(
        "F26",
        "79 wrong configurations",
        "each is refused within 5 s, in one line that names the variable and the mend",
        configure_wrongly,
        databases=(SQLITE,),
    ),
)
