"""Where tests keep what is thrown away."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 2 * 1024**3


def memory_folder() -> Path | None:
    """Return a folder in memory, if there is one with 2 GiB left: copies are fast there."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH:
        return _MEMORY
    return None
