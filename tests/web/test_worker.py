"""How gunicorn's worker has its own errors answered."""

import logging
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing

import pytest
from gunicorn.config import Config
from gunicorn.http import errors

from support.sockets import RawAnswer, raw_answer
from userapi.web.worker import Worker
from web.callers import cases
from web.failing import SECRET, Failing

pytestmark = pytest.mark.any_database

LOGGER = logging.getLogger("gunicorn.error")
ADDRESS = ("203.0.113.7", 4711)
REFUSED = {
    "line": (errors.LimitRequestLine(9000, 8190), 414, "uri-too-long"),
    "headers": (errors.LimitRequestHeaders(SECRET), 431, "headers-too-large"),
    "coding": (errors.UnsupportedTransferCoding(SECRET), 501, "not-implemented"),
    "expectation": (errors.ExpectationFailed(SECRET), 417, "expectation-failed"),
    "malformed": (errors.InvalidRequestLine(SECRET), 400, "bad-request"),
    "handshake": (ssl.SSLError(1, SECRET), 400, "bad-request"),
    "header": (errors.InvalidHeader(SECRET), 400, "bad-request"),
}
FAILED = {
    "configuration": errors.ConfigurationProblem(SECRET),
    "answered-header": errors.InvalidResponseHeader(SECRET),
    "answered-name": errors.InvalidResponseHeaderName(SECRET),
    "bug": RuntimeError(SECRET),
}
Refused = tuple[Exception, int, str]


@pytest.fixture
def worker(failing: Failing) -> Iterator[Worker]:
    """A worker that serves an application, but has no process of its own."""
    worker = Worker(1, os.getppid(), [], None, 30, Config(), LOGGER)
    worker.wsgi = failing.app
    with closing(worker.tmp):
        yield worker


def answer_of(
    worker: Worker, error: Exception, address: tuple[str, int] | str = ADDRESS
) -> RawAnswer:
    client, server = socket.socketpair()
    with server:
        worker.handle_error(None, server, address, error)
    return raw_answer(client)


@cases(REFUSED)
def test_what_the_client_did_is_told(worker: Worker, case: Refused) -> None:
    error, status, code = case

    answer = answer_of(worker, error)

    assert (answer.status, answer.json()["code"]) == (status, code)


@cases(REFUSED)
def test_what_the_client_did_is_one_warning(
    worker: Worker, caplog: pytest.LogCaptureFixture, case: Refused
) -> None:
    error = case[0]

    name = answer_of(worker, error).json()["request_id"]

    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"[{name}] Request from 203.0.113.7 refused: {type(error).__name__}"
    )


@cases(FAILED)
def test_a_mistake_of_ours_is_an_internal_error(
    worker: Worker, caplog: pytest.LogCaptureFixture, case: Exception
) -> None:
    answer = answer_of(worker, case)

    assert (answer.status, answer.json()["code"]) == (500, "internal-error")
    assert SECRET not in answer.body.decode()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert answer.json()["request_id"] in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is case


def test_a_client_without_an_address_is_answered(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    answer = answer_of(worker, errors.LimitRequestLine(9000, 8190), "")

    assert answer.status == 414
    assert "Request from - refused" in caplog.text


def test_a_client_that_is_gone_is_no_error(worker: Worker) -> None:
    client, server = socket.socketpair()
    client.close()

    with server:
        worker.handle_error(None, server, ADDRESS, errors.LimitRequestLine(9000, 8190))
