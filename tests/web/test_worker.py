"""gunicorn's worker and log, as they are given to it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from userapi.web.worker import EscapingLogger, Worker

pytestmark = pytest.mark.any_database


def test_a_path_cannot_add_lines_to_the_access_log() -> None:
    path = "/x\n1.2.3.4 \x1b[31m\x00\xc3\xa9"
    line = {"REQUEST_METHOD": "GET", "RAW_URI": path, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ = {**line, "PATH_INFO": path}
    response = SimpleNamespace(status="200 OK", sent=0, headers=[])
    request = SimpleNamespace(headers=[])

    atoms = EscapingLogger(Config()).atoms(response, request, environ, timedelta(0))

    assert atoms["U"] == "/x%0A1.2.3.4%20%1B%5B31m%00%C3%A9"


def test_tls_is_left_to_a_proxy() -> None:
    cfg = Config()
    cfg.set("certfile", "server.pem")

    with pytest.raises(RuntimeError, match="speaks no TLS"):
        Worker.check_config(cfg, EscapingLogger(cfg))
