"""The worker in a thread of the test's process, with an application that does as it is told."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from gunicorn.config import Config

from userapi.web.access_log import EscapingLogger
from userapi.web.worker import Worker

_SECONDS = 10


@dataclass
class Told:
    """What the application's paths do: `/echo`, `/free`, `/ready`, `/gate`, `/large`, `/empty`,
    `/broken`, `/host`.

    `/gate` waits until the gate is opened; `begun` counts who has come to it.
    """

    app: Flask
    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        rules: dict[str, Callable[..., Any]] = {
            "/echo": self._echo,
            "/free": lambda: "free",
            "/ready": lambda: "ready",
            "/gate": self._wait,
            "/large/<int:size>": lambda size: b"x" * size,
            "/empty": lambda: Response(status=204),
            "/broken": self._break,
            "/host": lambda: request.host,
        }
        for rule, view in rules.items():
            self.app.add_url_rule(rule, rule, view, methods=["GET", "POST"])
        self.app.config["PATHS_TOUCHING_NOTHING"] = frozenset({"/free"})
        self.app.config["PATHS_FOR_OPERATORS"] = frozenset({"/ready"})
        self.app.config["PROPAGATE_EXCEPTIONS"] = False

    def _echo(self) -> bytes:
        return request.get_data()

    def _wait(self) -> str:
        self.begun.release()
        self.gate.wait(_SECONDS)
        return "open"

    def _break(self) -> Response:
        response = Response("broken")
        response.headers["X-Broken"] = "\x00"
        return response


@contextlib.contextmanager
def serving(
    app: Flask, *, settings: dict[str, Any] | None = None, **timeouts: float
) -> Iterator[str]:
    """Serve an application until the block ends; `settings` are gunicorn's. Yield the URL."""
    seconds = {
        "HEAD_TIMEOUT": 5.0,
        "BODY_TIMEOUT": 5.0,
        "RESPONSE_TIMEOUT": 5.0,
        "WAITING_TIMEOUT": 5.0,
    }
    seconds.update(timeouts)
    app.config.update({name: timedelta(seconds=value) for name, value in seconds.items()})
    app.config["MAX_CONTENT_LENGTH"] = 2**20
    cfg = Config()
    usual: dict[str, Any] = {"threads": 2, "keepalive": 5, "graceful_timeout": 5}
    usual |= {"http_parser": "python", "permit_unconventional_http_method": True}
    for name, value in (usual | (settings or {})).items():
        cfg.set(name, value)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    host, port = listener.getsockname()
    worker = Worker(1, os.getppid(), [listener], None, 30, cfg, EscapingLogger(cfg))
    worker.wsgi = app
    worker.PIPE = os.pipe()
    os.set_blocking(worker.PIPE[0], False)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        worker.alive = False
        os.write(worker.PIPE[1], b".")
        thread.join(2 * _SECONDS)
        for end in worker.PIPE:
            os.close(end)
        worker.tmp.close()
