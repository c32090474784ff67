"""Commands of `userapi` in processes that have the package loaded already.

Loading it takes most of the time of a command that ends at once. A process that has loaded it makes
a copy of itself for each command, with an environment, a folder and an output of its own.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from userapi.__main__ import main

_SECONDS = 60


class LoadedCommands:
    """Commands by such a process: it reads one after the other, and answers with its status."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers

    def run(
        self, *arguments: str, folder: Path, variables: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `userapi` with those arguments until it ends; its errors are in its output."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as output:
            order = [arguments, str(folder), dict(variables), output.name]
            self._orders.write(f"{json.dumps(order)}\n")
            self._orders.flush()
            status = int(self._answers.readline())
            return subprocess.CompletedProcess(arguments, status, output.read(), "")


@contextlib.contextmanager
def loaded_commands(*prefix: str, variables: Mapping[str, str]) -> Iterator[LoadedCommands]:
    """Start the process that has the package loaded, by a command that `prefix` begins."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(variables),
        text=True,
    )
    with process, process.stdin as orders, process.stdout as answers:  # type: ignore[union-attr] # pipes
        yield LoadedCommands(orders, answers)


def _obey(orders: IO[str], answers: IO[str]) -> None:
    """Run each command that is read, and answer with its status."""
    import userapi.console  # noqa: F401, PLC0415 - what is loaded beforehand

    for order in orders:
        child = os.fork()
        if child == 0:
            _become(*json.loads(order))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(
    arguments: Sequence[str], folder: str, variables: Mapping[str, str], output: str
) -> None:
    """Do as a process that was started so; does not return."""
    signal.alarm(_SECONDS)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["userapi", *arguments]
    status = 1
    try:
        main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - the interpreter writes it where it is its own
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _obey(sys.stdin, sys.stdout)
