"""gunicorn's worker, as it is given to it."""

import pytest
from gunicorn.config import Config

from userapi.web.access_log import EscapingLogger
from userapi.web.worker import Worker

pytestmark = pytest.mark.any_database


def test_tls_is_left_to_a_proxy() -> None:
    cfg = Config()
    cfg.set("certfile", "server.pem")

    with pytest.raises(RuntimeError, match="speaks no TLS"):
        Worker.check_config(cfg, EscapingLogger(cfg))
