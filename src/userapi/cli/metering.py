"""gunicorn's hooks for metrics: a folder for the server, a slot in it for each process.

They do nothing where nobody wants metrics.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from userapi.config.inherited import leave_metrics_folder
from userapi.config.settings import Settings
from userapi.metrics.feature import exposition_of, recorder_of
from userapi.metrics.settings import MetricsSettings
from userapi.web.services import provided

if TYPE_CHECKING:
    from flask import Flask

_PREFIX = "userapi-metrics-"


def prepare_folder(server: Any) -> None:
    """Make the folder of a server that begins, and delete those of servers that were killed."""
    if not _settings_of(server.app.wsgi()).are_on:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if (lock := _lock(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    # The lock is held for as long as the server lives.
    server.metrics_folder = folder, _lock(folder)
    leave_metrics_folder(folder)


def assign_slot(server: Any, worker: Any) -> None:
    """Give a process that is about to be forked the lowest slot that no living one has."""
    taken = {other.metrics_slot for other in server.WORKERS.values()}
    worker.metrics_slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)


def begin_recording(worker: Any) -> None:
    """Record this process, and answer on the port for metrics when it is its turn."""
    app: Flask = worker.wsgi
    settings = _settings_of(app)
    if not settings.are_on:
        return
    worker.recorder = recorder_of(app, worker.metrics_slot)
    if settings.port:
        from userapi.metrics.exposition import CONTENT_TYPE  # noqa: PLC0415 - only where it is on
        from userapi.metrics.listener import MetricsServer, serve_in_turn  # noqa: PLC0415 - likewise

        make = partial(
            MetricsServer,
            (settings.host, settings.port),
            exposition_of(app).text,
            content_type=CONTENT_TYPE,
            token=settings.token,
        )
        # To the end of the process: the last moments are of interest, too.
        Thread(target=serve_in_turn, args=(make, Event()), name="metrics", daemon=True).start()


def clear_slot(server: Any, worker: Any) -> None:
    """Forget what a process had at the moment when it ended; what it counted stays."""
    if (held := getattr(server, "metrics_folder", None)) is not None:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - as above

        mark_process_dead(worker.metrics_slot, held[0])  # type: ignore[no-untyped-call] # the library is


def remove_folder(server: Any) -> None:
    """Delete the folder of a server that ends."""
    if (held := getattr(server, "metrics_folder", None)) is not None:
        folder, lock = held
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _settings_of(app: Flask) -> MetricsSettings:
    with app.app_context():
        return provided(Settings).of(MetricsSettings)


def _lock(folder: Path) -> int | None:
    """Return what marks a folder as somebody's until it is closed; None where it is another's.

    Anybody may make a folder, or a link, of such a name: nothing in it is opened.
    """
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.fstat(lock).st_uid == os.geteuid()
    except OSError:
        is_ours = False
    if is_ours:
        return lock
    os.close(lock)
    return None
