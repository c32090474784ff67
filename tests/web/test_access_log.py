"""What gunicorn logs: a line for each request, and nothing that a client could write itself."""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from userapi.cli.serve import server_arguments
from userapi.features import load_settings
from userapi.web.access_log import EscapingLogger
from userapi.web.log_lines import EscapingFormatter

pytestmark = pytest.mark.any_database

HOSTILE = '/x\n1.2.3.4 "GET / 200"\x1b[31m\x00\x9b\xc3\xa9'
EVERYTHING = (
    "%(h)s %(r)s %(m)s %(U)s %(q)s %(f)s %(a)s %({x-request-id}i)s %({x}e)s %(client_request_id)s"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the logs of this test are written; every logger is left as it was."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    yield tmp_path
    root.setLevel(level)
    root.handlers[:] = handlers
    for name in ("gunicorn.error", "gunicorn.access"):
        logger = logging.getLogger(name)
        for handler in [*logger.handlers]:
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = True


def logger_in(folder: Path, line: str) -> EscapingLogger:
    config = Config()
    config.set("accesslog", str(folder / "access"))
    config.set("errorlog", str(folder / "error"))
    config.set("access_log_format", line)
    return EscapingLogger(config)


def answered(
    ours: str = "ours", **environ: str
) -> tuple[SimpleNamespace, SimpleNamespace, dict[str, str], timedelta]:
    """Return a request that was answered, as the worker tells of it."""
    request = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": "/",
        **environ,
    }
    response = SimpleNamespace(status="200 OK", sent=0, headers=[("X-Request-Id", ours)])
    headers = [("X-REQUEST-ID", request.get("HTTP_X_REQUEST_ID", ""))]
    return response, SimpleNamespace(headers=headers), request, timedelta(0)


def access_line(folder: Path, line: str, ours: str = "ours", **environ: str) -> str:
    """Return the text that the access log has after one request."""
    logger_in(folder, line).access(*answered(ours, **environ))
    return (folder / "access").read_text("utf-8")


def test_a_path_is_percent_encoded(folder: Path) -> None:
    text = access_line(folder, "%(U)s", PATH_INFO="/x\n1.2.3.4 \x1b[31m\x00\xc3\xa9")

    assert text == "/x%0A1.2.3.4%20%1B%5B31m%00%C3%A9\n"


@pytest.mark.parametrize(
    "place",
    [
        "REMOTE_ADDR",
        "REQUEST_METHOD",
        "RAW_URI",
        "PATH_INFO",
        "QUERY_STRING",
        "SERVER_PROTOCOL",
        "HTTP_REFERER",
        "HTTP_USER_AGENT",
        "HTTP_X_REQUEST_ID",
        "X",
    ],
)
def test_no_part_of_a_request_adds_a_line_or_a_code(folder: Path, place: str) -> None:
    text = access_line(folder, EVERYTHING, **{place: HOSTILE})

    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()


def test_an_error_adds_no_line(folder: Path) -> None:
    logger = logger_in(folder, "")

    logger.warning("Invalid request from ip=%s: %s", "127.0.0.1", HOSTILE)

    text = (folder / "error").read_text("utf-8")
    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()


def test_the_lines_of_a_traceback_are_indented(folder: Path) -> None:
    logger = logger_in(folder, "")

    logger.error("failed", exc_info=ValueError(HOSTILE))

    _, *others = (folder / "error").read_text("utf-8").splitlines()
    assert others
    assert all(line.startswith("    ") for line in others)


def logger_with_own_formatter() -> EscapingLogger:
    config = Config()
    handler = {"class": "logging.StreamHandler", "formatter": "own"}
    config.set(
        "logconfig_dict",
        {
            "version": 1,
            "formatters": {"own": {"()": f"{__name__}.OwnFormatter"}},
            "handlers": {"own": handler, "console": handler, "error_console": handler},
            "loggers": {"gunicorn.access": {"handlers": ["own"]}},
        },
    )
    return EscapingLogger(config)


@pytest.mark.usefixtures("folder")
def test_a_formatter_of_ones_own_is_left() -> None:
    logger_with_own_formatter()

    formatters = {type(it.formatter) for it in logging.getLogger("gunicorn.access").handlers}
    assert formatters == {OwnFormatter}


@pytest.mark.usefixtures("folder")
def test_a_formatter_of_ones_own_gets_all_parts(capsys: pytest.CaptureFixture[str]) -> None:
    logger_with_own_formatter().access(*answered(HTTP_X="y"))

    written = capsys.readouterr().err
    assert "'{http_x}e': 'y'" in written
    assert "'client_request_id': '-'" in written


def test_a_line_that_cannot_be_made_is_an_error(folder: Path) -> None:
    logger_in(folder, "%(h)d").access(*answered(REMOTE_ADDR="192.0.2.1"))

    assert (folder / "access").read_text("utf-8") == ""
    assert "A line of the access log could not be written" in (folder / "error").read_text("utf-8")


@pytest.mark.parametrize("line", ["%(h)", "%(h)s %(", "%(h)y", "%s %s"])
def test_what_is_no_format_writes_no_line(
    folder: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logger_in(folder, line).access(*answered(REMOTE_ADDR="192.0.2.1"))

    assert (folder / "access").read_text("utf-8") == ""
    assert "--- Logging error ---" in capsys.readouterr().err


def test_a_syslog_of_gunicorn_has_the_process(folder: Path) -> None:
    logger = logger_in(folder, "%(m)s")
    (handler,) = logger.access_log.handlers
    inner = logging.Formatter(logger.syslog_fmt)
    handler.setFormatter(EscapingFormatter(inner))

    logger.access(*answered())

    assert (folder / "access").read_text("utf-8") == f"[{os.getpid()}] GET\n"


class OwnFormatter(logging.Formatter):
    """A formatter that an operator brings: it writes every part that it is given."""

    def format(self, record: logging.LogRecord) -> str:
        return str(record.args)


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [("", "-"), ("ours", "-"), ("order-66", "order-66"), ('"] x', "%22%5D%20x")],
)
def test_a_clients_own_name_stands_beside_ours(folder: Path, theirs: str, shown: str) -> None:
    line = "%({x-request-id}o)s %(client_request_id)s"

    assert access_line(folder, line, HTTP_X_REQUEST_ID=theirs) == f"ours {shown}\n"


def test_the_service_logs_both_names(tmp_path: Path) -> None:
    arguments = server_arguments(load_settings("testing", {"INSTANCE_PATH": str(tmp_path)}))

    (line,) = [it for it in arguments if it.startswith("--access-logformat=")]
    assert line.endswith("%({x-request-id}o)s %(client_request_id)s")
    assert "--logger-class=userapi.web.access_log.EscapingLogger" in arguments
