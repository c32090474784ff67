"""What the server tells when it has begun to listen."""

import logging
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from support.applications import settings_of
from userapi.cli.listening import on_starting, url_of, when_ready
from userapi.config.settings import Settings
from userapi.web.services import provide

pytestmark = pytest.mark.any_database


@pytest.fixture
def log() -> logging.Logger:
    """The log of a server; no other test has it."""
    return logging.Logger("listening")  # noqa: LOG001 - shared with nobody


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def told_by(log: logging.Logger, app: Flask) -> list[str]:
    """Return what is told by a server that listens."""
    handler = Lines()
    log.addHandler(handler)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server: Any = SimpleNamespace(
            log=SimpleNamespace(error_log=log, info=log.info),
            app=SimpleNamespace(wsgi=lambda: app),
            LISTENERS=[listener],
        )
        on_starting(server)
        log.info("Listening at: %s (%s)", "http://127.0.0.1", 1)
        when_ready(server)
        port = listener.getsockname()[1]
    return [line.replace(str(port), "PORT") for line in handler.lines]


def test_the_page_to_open_is_told_in_place_of_an_address(log: logging.Logger, app: Flask) -> None:
    assert told_by(log, app) == [
        "userapi listens on http://127.0.0.1:PORT; open http://127.0.0.1:PORT/docs"
    ]


def test_no_page_is_told_where_there_is_none(log: logging.Logger, app: Flask) -> None:
    bare = Flask("bare")
    provide(bare, {Settings: settings_of(app)})

    assert told_by(log, bare) == ["userapi listens on http://127.0.0.1:PORT"]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
    ],
)
def test_the_url_can_be_opened(host: str, url: str) -> None:
    assert url_of(host, 80) == url
