"""gunicorn's hooks for `userapi serve`: what is told when it listens, and what is recorded then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from userapi.cli.tracing import start_tracing, stop_tracing
from userapi.web.docs import DOCS_PATH

if TYPE_CHECKING:
    import logging

    from flask import Flask

_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def on_starting(server: Any) -> None:
    """Leave out gunicorn's own line, which names addresses that nobody can open."""
    server.log.error_log.addFilter(_is_ours)


def when_ready(server: Any) -> None:
    """Tell what can be opened, now that connections are taken."""
    app: Flask = server.app.wsgi()
    has_page = any(rule.rule == DOCS_PATH for rule in app.url_map.iter_rules())
    for listener in server.LISTENERS:
        url = url_of(*listener.getsockname()[:2])
        hint = f"; open {url}{DOCS_PATH}" if has_page else ""
        server.log.info("userapi listens on %s%s", url, hint)


def post_worker_init(worker: Any) -> None:
    """Record spans in each process by itself: what sends them is a thread, which no fork has."""
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
