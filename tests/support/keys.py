"""The commands that change the keys of a running service."""

import re
from pathlib import Path

from support.processes import environment_for_testing, run_python


def key_command(database_url: str, folder: Path, *arguments: str, **variables: str) -> str:
    """Run `userapi keys`; return the id of the key that it tells of, or nothing."""
    environment = environment_for_testing(database_url, folder, **variables)
    command = ("-m", "userapi", "keys", *arguments)
    done = run_python(*command, folder=folder, variables=environment)
    assert done.returncode == 0, done.stderr
    found = re.search(r"\bkey ([0-9a-f]{16})\b", done.stdout)
    return found[1] if found else ""
