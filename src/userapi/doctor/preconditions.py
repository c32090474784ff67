"""What must hold on this machine before anything is served."""

import os
import resource
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from userapi.config.database import DatabaseSettings
from userapi.config.settings import Settings

LEAST_FILES = 256
"""How many files and connections a process must be able to open: 100 are for other things."""


def ensure_preconditions(settings: Settings) -> None:
    """Raise `click.ClickException` for a limit that is too low, or a file that cannot be written.

    A server would start with either, and fail when it is asked for something.
    """
    ensure_enough_files()
    ensure_file_is_writable(settings)


def ensure_enough_files() -> None:
    """Raise `click.ClickException` where a process may open too few files."""
    files = most_open_files()
    if files < LEAST_FILES:
        message = (
            f"a process may open {files} files, and needs {LEAST_FILES}; raise the limit, with "
            "ulimit -n 4096 or LimitNOFILE=4096 in the unit"
        )
        raise click.ClickException(message)


def ensure_file_is_writable(settings: Settings) -> None:
    """Raise `click.ClickException` where the file of the database is there, and only to read."""
    file = sqlite_file(settings)
    if file is not None and os.access(file, os.F_OK) and not _may_write(file):
        message = (
            f"this user cannot write to {file} and its folder; change their owner or rights, or "
            "name another file in DATABASE_URL"
        )
        raise click.ClickException(message)


def most_open_files() -> int:
    """Return up to how many open files a process may raise its own limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 65_536 if hard == resource.RLIM_INFINITY else hard


def sqlite_file(settings: Settings) -> Path | None:
    """Return the file of the database; None where it is on a server."""
    url = settings.of(DatabaseSettings).url
    return Path(str(make_url(url).database)) if url.startswith("sqlite") else None


def _may_write(file: Path) -> bool:
    """Say whether a file, and beside it what SQLite makes there, can be written."""
    return os.access(file, os.R_OK | os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)
