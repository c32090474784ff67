"""What one process hands to the next one beside settings: a socket, a folder for metrics.

The variables are systemd's (`sd_listen_fds(3)`, `sd_notify(3)`), and gunicorn's where it starts
what is to take its place, those of Prometheus' library, and glibc's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LISTENER = 3
"""The file descriptor of the socket."""

_HEAP_LIMIT = "MALLOC_ARENA_MAX"
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_TOLD_AT = "NOTIFY_SOCKET"


def has_listener() -> bool:
    """Say whether this process was given a socket to listen on."""
    is_ours = os.environ.get("LISTEN_PID") == str(os.getpid())
    return is_ours or bool(os.environ.get("GUNICORN_FD"))


def leave_listener(told_at: Path | None = None) -> None:
    """Tell the program that this process becomes of the socket, and where to say that it serves."""
    os.environ.update({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})
    if told_at is not None:
        os.environ[_TOLD_AT] = str(told_at)


@contextmanager
def telling_nobody() -> Iterator[None]:
    """Let nothing be said of this process while the block runs."""
    told_at = os.environ.pop(_TOLD_AT, None)
    try:
        yield
    finally:
        if told_at is not None:
            os.environ[_TOLD_AT] = told_at


def metrics_folder() -> Path | None:
    """Return where the server's processes record their metrics; None where they do not."""
    folder = os.environ.get(_METRICS_FOLDER)
    return Path(folder) if folder else None


def leave_metrics_folder(folder: Path) -> None:
    """Tell this process, and those that are forked from it, where to record metrics."""
    os.environ[_METRICS_FOLDER] = str(folder)


def has_heap_limit() -> bool:
    """Say whether this process was told how many heaps its threads have at most."""
    return _HEAP_LIMIT in os.environ
