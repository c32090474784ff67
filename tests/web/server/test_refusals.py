"""How the application answers what it never gets to see."""

import logging

import pytest
from gunicorn.http import errors

from support.sockets import RawAnswer, parsed_answer
from userapi.web.log_lines import FACTS
from userapi.web.server.refusals import refusal_for, unread_answer
from web.callers import cases
from web.failing import SECRET
from web.server.serving import Told

pytestmark = pytest.mark.any_database

LOGGER = logging.getLogger("gunicorn.error")
ADDRESS = ("203.0.113.7", 4711)
REFUSED = {
    "line": (errors.LimitRequestLine(9000, 8190), 414, "uri-too-long"),
    "headers": (errors.LimitRequestHeaders(SECRET), 431, "headers-too-large"),
    "coding": (errors.UnsupportedTransferCoding(SECRET), 501, "not-implemented"),
    "expectation": (errors.ExpectationFailed(SECRET), 417, "expectation-failed"),
    "malformed": (errors.InvalidRequestLine(SECRET), 400, "bad-request"),
    "header": (errors.InvalidHeader(SECRET), 400, "bad-request"),
    "version": (errors.InvalidHTTPVersion((2, 0)), 505, "http-version-not-supported"),
    "no-version": (errors.InvalidHTTPVersion(SECRET), 400, "bad-request"),
}
FAILED = {
    "configuration": errors.ConfigurationProblem(SECRET),
    "answered-header": errors.InvalidResponseHeader(SECRET),
    "answered-name": errors.InvalidResponseHeaderName(SECRET),
    "bug": RuntimeError(SECRET),
}
Refused = tuple[Exception, int, str]


def answer_to(
    module_told: Told, error: Exception, client: tuple[str, int] | str = ADDRESS
) -> RawAnswer:
    return parsed_answer(unread_answer(module_told.app, LOGGER, client, error))


@cases(REFUSED)
def test_what_the_client_did_is_told(module_told: Told, case: Refused) -> None:
    error, status, code = case

    answer = answer_to(module_told, error)

    assert (answer.status, answer.json()["code"]) == (status, code)


@cases(REFUSED)
def test_what_the_client_did_is_one_warning(
    module_told: Told, caplog: pytest.LogCaptureFixture, case: Refused
) -> None:
    error = case[0]

    name = answer_to(module_told, error).json()["request_id"]

    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == f"Request from 203.0.113.7 refused: {type(error).__name__}"
    assert vars(record)[FACTS] == {"request_id": name}


@cases(FAILED)
def test_a_mistake_of_ours_is_an_internal_error(
    module_told: Told, caplog: pytest.LogCaptureFixture, case: Exception
) -> None:
    answer = answer_to(module_told, case)

    assert (answer.status, answer.json()["code"]) == (500, "internal-error")
    assert SECRET not in answer.body.decode()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert vars(record)[FACTS] == {"request_id": answer.json()["request_id"]}
    assert record.exc_info is not None
    assert record.exc_info[1] is case


def test_a_client_without_an_address_is_answered(
    module_told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    answer = answer_to(module_told, errors.LimitRequestLine(9000, 8190), "")

    assert answer.status == 414
    assert "Request from - refused" in caplog.text


def test_a_refusal_stays_what_it_is() -> None:
    refusal = refusal_for(errors.ExpectationFailed(SECRET))

    assert refusal_for(refusal) is refusal
