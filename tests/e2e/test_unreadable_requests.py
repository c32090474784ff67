"""What a real server answers to requests that it cannot read; no database takes part."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.linting import faults_of_raw
from support.paths import LIVE
from support.processes import client_of
from support.production import production_server
from support.sockets import RawAnswer, connection_to, raw_answer
from userapi.web.errors import PROBLEM_TYPE
from userapi.web.problem_schemas import ProblemSchema
from web.callers import cases
from web.failing import SECRET

_KIB = 1024


def _get(target: str = LIVE, *headers: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", "Host: api", *headers, "", ""]
    return "\r\n".join(lines).encode()


REFUSED = {
    "long-path": (_get("/" + "a" * 9 * _KIB), 414, "uri-too-long"),
    "long-query": (_get(f"{LIVE}?secret={SECRET}{'a' * 9 * _KIB}"), 414, "uri-too-long"),
    "very-long-query": (_get(f"{LIVE}?{'a' * 60 * _KIB}"), 414, "uri-too-long"),
    "long-header": (_get(LIVE, f"X: {SECRET}{'a' * 9 * _KIB}"), 431, "headers-too-large"),
    "many-headers": (_get(LIVE, *["X: y"] * 200), 431, "headers-too-large"),
    "no-version": (f"GET /{SECRET}\r\n\r\n".encode(), 400, "bad-request"),
    "no-colon": (_get(LIVE, f"Authorization {SECRET}"), 400, "bad-request"),
    "no-name": (_get(LIVE, f": {SECRET}"), 400, "bad-request"),
    "transfer-coding": (_get(LIVE, "Transfer-Encoding: unheard-of"), 501, "not-implemented"),
    "expectation": (_get(LIVE, f"Expect: {SECRET}"), 417, "expectation-failed"),
}
Refused = tuple[bytes, int, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server works."""
    return tmp_path_factory.mktemp("unreadable")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """The URL of a server in production."""
    with production_server(folder) as base_url:
        yield base_url


def answer_to(url: str, request: bytes) -> RawAnswer:
    connection = connection_to(url)
    connection.sendall(request)
    return raw_answer(connection)


@cases(REFUSED)
def test_an_unreadable_request_gets_a_problem(url: str, case: Refused) -> None:
    request, status, code = case

    answer = answer_to(url, request)

    problem = answer.json()
    assert ProblemSchema().validate(problem) == {}
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == PROBLEM_TYPE
    assert answer.headers["X-Request-Id"] == problem["request_id"]
    assert answer.headers["Connection"] == "close"
    assert SECRET not in answer.body.decode()


@cases(REFUSED)
def test_the_answer_is_good_http(url: str, case: Refused) -> None:
    assert list(faults_of_raw(answer_to(url, case[0]))) == []


@pytest.mark.parametrize("target", [LIVE, "/openapi.json", "/docs", "/nowhere", "/api/v1/users/me"])
def test_answers_of_the_server_are_good_http(url: str, target: str) -> None:
    assert list(faults_of_raw(answer_to(url, _get(target, "Connection: close")))) == []


@cases(REFUSED)
def test_the_answer_has_the_headers_of_every_answer(url: str, case: Refused) -> None:
    with client_of(url) as client:
        usual = client.get("/nowhere").headers

    headers = answer_to(url, case[0]).headers

    # Whose the request is, and what it asks for, is not known: no limit counts it.
    of_limits = {"ratelimit", "ratelimit-policy"}
    assert {name.lower() for name in headers} >= set(usual) - {"server"} - of_limits
    assert headers["Strict-Transport-Security"] == usual["Strict-Transport-Security"]


@cases(REFUSED)
def test_the_log_names_the_request_and_tells_nothing_of_it(
    url: str, folder: Path, case: Refused
) -> None:
    name = answer_to(url, case[0]).json()["request_id"]

    (log,) = folder.glob("server-*.log")
    text = log.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if name in line]
    record = json.loads(line)
    assert record["request_id"] == name
    assert record["message"].startswith("Request from 127.0.0.1 refused: ")
    assert SECRET not in text


@cases(REFUSED)
def test_the_server_goes_on(url: str, case: Refused) -> None:
    answer_to(url, case[0])

    with client_of(url) as client:
        assert client.get(LIVE).status_code == 200


def test_a_client_that_is_gone_does_no_harm(url: str) -> None:
    for request, _, _ in REFUSED.values():
        with connection_to(url) as connection:
            connection.sendall(request)

    with client_of(url) as client:
        assert client.get(LIVE).status_code == 200
