"""Roll this version out beside the last release, and back, under load.

    make rollout [ARGS="--requests 20000 --databases 2 --rounds 2 --dry"]

docs/upgrading.md tells what is done, and gets the figures. Ends with a status that is not zero when
a request failed, an acknowledged write was lost or a session ended.
"""

import argparse
import signal
import sys

from benchmarks.rollout.page import report, write_page
from benchmarks.rollout.running import Wanted, run
from benchmarks.services import DATABASES

_DEFAULTS = Wanted()


def main() -> int:
    """Run, print and write; return 0 when nothing failed, was lost or ended."""
    # Whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arguments = vars(_arguments())
    is_dry = arguments.pop("dry")
    results = run(Wanted(**arguments), _say)
    _say(report(results))
    if not is_dry:
        write_page(results)
    return 0 if results.is_fine else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--database", choices=DATABASES, default=_DEFAULTS.database)
    for name, told in (
        ("databases", "how many new databases, one after the other"),
        ("rounds", "how often there and back on each"),
        ("requests", "how many requests in all, at least"),
        ("people", "how many ask at a time"),
    ):
        parser.add_argument(f"--{name}", type=int, default=getattr(_DEFAULTS, name), help=told)
    parser.add_argument("--rate", type=float, default=_DEFAULTS.rate, help="requests a second")
    parser.add_argument("--dry", action="store_true", help="print only; write no page")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
