"""The last release and the program as it is now, as they are run beside one another.

The last release is what its commit holds, with what its own lock file names (tools/last-release):
the packages that it was released with are part of it, and some of them we do not have any more.
"""

import io
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.processes import PRODUCTION_SECRETS, clean_environment, run

_ROOT = Path(__file__).parents[2]
_NO_LIMIT = "1000000 per 5 minutes"
_LIMITS = ("CLIENT", "WRITES", "REGISTER", "REGISTRATIONS_OVERALL", "LOGIN", "REFRESH")


@dataclass(frozen=True)
class Release:
    """A program and where it is found."""

    name: str
    python: Path
    variables: Mapping[str, str]

    def command(self, *arguments: str) -> tuple[str, ...]:
        """Return a command of this release's."""
        return (str(self.python), "-m", "userapi", *arguments)

    def do(self, *arguments: str, folder: Path, variables: Mapping[str, str]) -> None:
        """Run a command of this release's to its end, with these settings."""
        command = self.command(*arguments)
        ended = run(*command, folder=folder, variables={**variables, **self.variables})
        if ended.returncode != 0:
            message = f"{self.name}: {' '.join(arguments)} failed:\n{ended.stdout}{ended.stderr}"
            raise RuntimeError(message)


def this_program() -> Release:
    """Return the program as it is now."""
    return Release("this version", Path(sys.executable), {})


def last_release(folder: Path) -> Release:
    """Return the last release, whose source is put into `folder`."""
    made = _output(str(_ROOT / "tools" / "last-release"), sys.executable)
    home, commit = made.decode().splitlines()
    archive = _output("git", "archive", commit, "src", "alembic")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    python = Path(home) / ".venv" / "bin" / "python"
    return Release("the last release", python, {"PYTHONPATH": str(folder / "src")})


def _output(*command: str) -> bytes:
    return subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603


def variables_for(database_url: str, folder: Path, algorithm: str) -> dict[str, str]:
    """Return the settings that both have: those of production, with limits that nobody reaches."""
    return clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="production",
        DATABASE_URL=database_url,
        INSTANCE_PATH=str(folder),
        TRUSTED_PROXIES="1",
        WEB_CONCURRENCY="2",
        # More than there are people: nobody is refused for want of a thread.
        WEB_THREADS="16",
        JWT_ALGORITHM=algorithm,
        **{f"RATELIMIT_{name}": _NO_LIMIT for name in _LIMITS},
    )
