"""Many at once: the races of the tests, at their full counts (F14 to F17)."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

from benchmarks.faults.case import Bench, Case, Seen

_ROUNDS = {"full": ("50", "4"), "quick": ("1", "2")}
_PASSED = re.compile(r"(\d+) passed")


def _races(*files: str, words: str = "") -> Callable[[Bench], Seen]:
    """Return what runs the races of these files on a database."""

    def run(bench: Bench) -> Seen:
        rounds, processes = _ROUNDS["quick" if bench.is_quick else "full"]
        variables = {"USERAPI_RACE_ROUNDS": rounds, "USERAPI_RACE_PROCESSES": processes}
        chosen = f"{bench.kind} and ({words})" if words else bench.kind
        ended = subprocess.run(  # noqa: S603 - the project's own tests
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-k",
                chosen,
                *(f"tests/e2e/{it}" for it in files),
            ],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        sys.stdout.write(ended.stdout)
        last = (ended.stdout.strip().splitlines() or ["nothing"])[-1].strip("= ")
        passed = _PASSED.search(last)
        count = passed.group(1) if passed else "0"
        misses = [] if ended.returncode == 0 and passed else [f"the races ended with: {last}"]
        return Seen(f"{count} races held, in {processes} processes", misses)

    return run


CASES = (
    Case(
        "F14",
        "50 register the same address at once, 50 times, in several spellings",
        "one row and one 201 each time, no 500",
        _races("test_races.py", "test_address_races.py", words="registrations or address"),
        minutes=10,
    ),
    Case(
        "F15",
        "50 use the same refresh token at once, 200 times, thieves among them",
        "one successor; no session with two live branches; no 500",
        _races("test_refresh_races.py"),
        minutes=10,
    ),
    Case(
        "F16",
        "uses of a session that race eight ways to end it, 1,000 times",
        "no use succeeds after the end was answered",
        _races("test_revocation_races.py"),
        minutes=10,
    ),
    Case(
        "F17",
        "edits that race each other and deletions, with and without `If-Match`",
        "as many versions as successes, else 412; none lost",
        _races("test_edit_races.py"),
        minutes=10,
    ),
)
