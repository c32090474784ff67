"""Files that nobody but their owner may read."""

import contextlib
import logging
import os
import stat
from pathlib import Path

_log = logging.getLogger(__name__)

_OWNERS_FILE, _OWNERS_FOLDER = 0o600, 0o700
_RIGHTS_OF_OTHERS = 0o077


def make_private_folder(path: Path) -> None:
    """Make a folder for its owner only, where there is none; one that is there stays as it is."""
    path.mkdir(mode=_OWNERS_FOLDER, parents=True, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file for its owner only; of one that is there, take others' rights away.

    What cannot be made is left to whoever opens it.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNERS_FILE))
        return
    take_from_others(path)


def take_from_others(path: Path) -> None:
    """Take from everybody but its owner what they may do with a file; log it where that fails."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:  # nothing is there
        return
    if mode & _RIGHTS_OF_OTHERS:
        try:
            path.chmod(mode & ~_RIGHTS_OF_OTHERS)
        except OSError as error:
            _log.warning("others may read or write %s: %s", path, error.strerror)
