"""gunicorn's hooks for `userapi serve`: what is told when it listens, and what is recorded then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from userapi.cli.heaps import share_one_heap
from userapi.cli.metering import (
    assign_slot,
    begin_recording,
    clear_slot,
    prepare_folder,
    remove_folder,
)
from userapi.cli.tracing import start_tracing, stop_tracing
from userapi.web.docs import DOCS_PATH

if TYPE_CHECKING:
    import logging

    from flask import Flask

_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def on_starting(server: Any) -> None:
    """Leave out gunicorn's own line, which names addresses that nobody can open.

    The folder for metrics is made here, before any process.
    """
    server.log.error_log.addFilter(_is_ours)
    prepare_folder(server)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new process its place."""
    assign_slot(server, worker)


def child_exit(server: Any, worker: Any) -> None:
    """Leave nothing of a process that has ended but its counts."""
    clear_slot(server, worker)


def on_exit(server: Any) -> None:
    """Leave nothing of the server."""
    remove_folder(server)


def when_ready(server: Any) -> None:
    """Tell what can be opened, now that connections are taken."""
    app: Flask = server.app.wsgi()
    has_page = any(rule.rule == DOCS_PATH for rule in app.url_map.iter_rules())
    for listener in server.LISTENERS:
        url = url_of(*listener.getsockname()[:2])
        hint = f"; open {url}{DOCS_PATH}" if has_page else ""
        server.log.info("userapi listens on %s%s", url, hint)


def post_worker_init(worker: Any) -> None:
    """Begin to record what the process does: counts, and spans.

    Each process does so by itself: what sends spans is a thread, which no fork has. It is the first
    one, so from here on there is one heap.
    """
    share_one_heap()
    begin_recording(worker)
    start_tracing(worker.wsgi)


def worker_exit(_server: Any, worker: Any) -> None:
    """Send the last spans."""
    stop_tracing(worker.wsgi)


def url_of(host: str, port: int) -> str:
    """Return a URL that leads to what listens there."""
    if host in _UNSPECIFIED:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_ours(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Listening at")
