"""What gunicorn logs: a line for each request, and nothing that a client could write itself."""

import json
import logging
import os
import re
import socket
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from userapi.cli.serve import server_arguments
from userapi.features import load_settings
from userapi.kit.clock import utc_now
from userapi.kit.principal import Principal, Role, SessionCredential
from userapi.kit.tracing import Trace
from userapi.web.access_log import EscapingLogger
from userapi.web.admission import OPERATION, PRINCIPAL
from userapi.web.edge import TRACE
from userapi.web.log_lines import EscapingFormatter, JSONFormatter
from userapi.web.logging import init_logging
from userapi.web.operation import Operation

pytestmark = pytest.mark.any_database

HOSTILE = '/x\n1.2.3.4 "GET / 200"\x1b[31m\x00\x9b\xc3\xa9'
TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO gunicorn\.access \d+ ")
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


@pytest.fixture(autouse=True)
def _in_text() -> None:
    """The service's log is in text, whatever it was before."""
    init_logging("INFO", is_json=False)


def logger_in(folder: Path, line: str) -> EscapingLogger:
    config = Config()
    config.set("accesslog", str(folder / "access"))
    config.set("errorlog", str(folder / "error"))
    config.set("access_log_format", line)
    return EscapingLogger(config)


def answered(
    ours: str = "ours", **environ: Any
) -> tuple[SimpleNamespace, SimpleNamespace, dict[str, Any], timedelta]:
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


def access_line(folder: Path, line: str, ours: str = "ours", **environ: Any) -> str:
    """Return what the access log has after one request, but for its time."""
    logger_in(folder, line).access(*answered(ours, **environ))
    text = (folder / "access").read_text("utf-8")
    head = TIMED.match(text)
    assert head is not None
    return text[head.end() :]


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


def test_a_syslog_keeps_its_own_format(folder: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        config = Config()
        config.set("accesslog", None)
        config.set("errorlog", str(folder / "error"))
        config.set("syslog", True)
        config.set("syslog_addr", f"udp://127.0.0.1:{daemon.getsockname()[1]}")
        EscapingLogger(config).error("failed\n%s", "twice")

        told = daemon.recv(1000).decode()

    assert told.rstrip("\0").endswith(rf"gunicorn.error: [{os.getpid()}] failed\ntwice")


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


@pytest.mark.parametrize(
    ("form", "end"),
    [("text", "%(facts)s %({x-request-id}o)s %(client_request_id)s"), ("json", "=%(m)s %(U)s")],
)
def test_the_service_names_its_facts_once(tmp_path: Path, form: str, end: str) -> None:
    variables = {"INSTANCE_PATH": str(tmp_path), "LOG_FORMAT": form}
    arguments = server_arguments(load_settings("testing", variables))

    (line,) = [it for it in arguments if it.startswith("--access-logformat=")]
    assert line.endswith(end)
    assert "--logger-class=userapi.web.access_log.EscapingLogger" in arguments


KNOWN = {
    OPERATION: Operation(operation_id="get_user"),
    PRINCIPAL: Principal(7, Role.USER, SessionCredential(uuid.UUID(int=1), "jti", utc_now())),
    TRACE: Trace("a" * 32, "b" * 16),
}


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, "-"),
        (KNOWN, f"operation=get_user user_id=7 session_id={uuid.UUID(int=1)} trace_id={'a' * 32}"),
        (
            {TRACE: Trace("a" * 32, "b" * 16, is_recorded=True)},
            f"trace_id={'a' * 32} span_id={'b' * 16}",
        ),
    ],
)
def test_what_is_known_of_a_request_stands_in_its_line(
    folder: Path, known: dict[str, Any], shown: str
) -> None:
    assert access_line(folder, "%(facts)s", **known) == f"{shown}\n"


def record_in_json(folder: Path, **environ: Any) -> dict[str, Any]:
    """Return the access log's record of one request in JSON."""
    logger = logger_in(folder, "%(m)s %(U)s")
    (handler,) = logger.access_log.handlers
    handler.setFormatter(JSONFormatter(dict))
    logger.access(*answered(**environ))
    (line,) = (folder / "access").read_text("utf-8").splitlines()
    assert line.isprintable()
    record: dict[str, Any] = json.loads(line)
    return record


def test_a_record_in_json_has_a_name_for_all(folder: Path) -> None:
    record = record_in_json(
        folder, REMOTE_ADDR="192.0.2.1", QUERY_STRING="q=x", HTTP_X_REQUEST_ID="a b", **KNOWN
    )

    assert record.pop("time").endswith("Z")
    assert record.pop("process") == os.getpid()
    assert record == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "message": "GET /",
        "request_id": "ours",
        "client_request_id": "a%20b",
        "method": "GET",
        "path": "/",
        "status": 200,
        "bytes": 0,
        "duration_ms": 0.0,
        "client": "192.0.2.1",
        "operation": "get_user",
        "user_id": 7,
        "session_id": str(uuid.UUID(int=1)),
        "trace_id": "a" * 32,
    }


@pytest.mark.parametrize("place", ["REMOTE_ADDR", "REQUEST_METHOD", "PATH_INFO"])
def test_no_part_of_a_request_adds_to_a_record_in_json(folder: Path, place: str) -> None:
    names = {
        "time",
        "level",
        "logger",
        "process",
        "message",
        "request_id",
        "method",
        "path",
        "status",
    }
    names |= {"bytes", "duration_ms", "client"}

    assert record_in_json(folder, **{place: HOSTILE}).keys() == names


def test_what_has_begun_to_log_goes_on_in_the_services_format(folder: Path) -> None:
    logger = logger_in(folder, "%(m)s")

    init_logging("INFO", is_json=True)
    logger.access(*answered())
    logger.error("failed")

    for name in ("access", "error"):
        (line,) = (folder / name).read_text("utf-8").splitlines()
        assert json.loads(line)["logger"] == f"gunicorn.{name}"


def test_what_logs_later_takes_the_services_format(folder: Path) -> None:
    init_logging("INFO", is_json=True)

    logger_in(folder, "%(m)s").error("failed")

    assert json.loads((folder / "error").read_text("utf-8"))["message"] == "failed"
