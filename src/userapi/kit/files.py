"""Files that nobody but their owner may read."""

import logging
import stat
from pathlib import Path

_log = logging.getLogger(__name__)

OWNERS_FILE = 0o600
"""The rights of a file that is its owner's alone."""

_OWNERS_FOLDER = 0o700
_RIGHTS_OF_OTHERS = 0o077


def make_private_folder(path: Path) -> None:
    """Make a folder for its owner only, where there is none; one that is there stays as it is."""
    path.mkdir(mode=_OWNERS_FOLDER, parents=True, exist_ok=True)


def restrict_to_owner(path: Path) -> None:
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
