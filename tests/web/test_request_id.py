"""The name of a request, which is in its response: ours, unless a trusted proxy gave one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from support.applications import application, settings_for_testing
from support.paths import LIVE
from web.callers import cases, each_of
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database

OURS = r"[0-9a-f]{32}"
BAD = {
    "empty": "",
    "65-characters": "A" * 65,
    "long": "x" * 100_000,
    "blank": "two words",
    "slash": "path/like",
    "tab": "tab\there",
    "line-break": "a\nb",
    "markup": "<b>",
    "latin-1": "\xff\xfe",
    "nul": "\0",
    "comma": "a,b",
    "quotes": '"a"',
    "percent": "%00%FF",
    "format": "%s %(name)s {0} ${x}",
}


@pytest.fixture(scope="module")
def behind_a_proxy(folder: Path) -> Iterator[FlaskClient]:
    """A client of an application that trusts one proxy: the client itself."""
    url = f"sqlite:///{folder}/none.sqlite3"
    with application(settings_for_testing(url, folder, TRUSTED_PROXIES="1")) as app:
        yield app.test_client()


@pytest.mark.parametrize("name", ["a", "order-66_retry.2", "A" * 64])
def test_a_trusted_proxys_own_is_taken_over(behind_a_proxy: FlaskClient, name: str) -> None:
    answer = behind_a_proxy.get(LIVE, headers={"X-Request-Id": name})

    assert answer.headers.getlist("X-Request-Id") == [name]


@pytest.mark.parametrize("name", ["a", "order-66_retry.2", "0" * 32])
def test_a_strangers_own_is_not_taken_over(testing: FlaskClient, name: str) -> None:
    answer = testing.get("/nowhere", headers={"X-Request-Id": name})

    (ours,) = answer.headers.getlist("X-Request-Id")
    assert re.fullmatch(OURS, ours)
    assert ours != name
    assert answer.get_json()["request_id"] == ours


def test_one_is_made_for_each_request(testing: FlaskClient) -> None:
    first = testing.get(LIVE).headers["X-Request-Id"]
    second = testing.get(LIVE).headers["X-Request-Id"]

    assert re.fullmatch(OURS, first)
    assert first != second


@each_of(BAD)
def test_a_bad_one_of_a_proxy_is_replaced(behind_a_proxy: FlaskClient, case: str) -> None:
    answer = behind_a_proxy.get(LIVE, environ_overrides={"HTTP_X_REQUEST_ID": case})

    assert re.fullmatch(OURS, answer.headers["X-Request-Id"])


@cases(SAMPLES)
def test_every_answer_has_it(behind_a_proxy: FlaskClient, case: Sample) -> None:
    answer = case.send(behind_a_proxy, {"X-Request-Id": "mine"})

    assert answer.headers["X-Request-Id"] == "mine"


@cases({name: sample for name, sample in SAMPLES.items() if sample.status >= 400})
def test_every_problem_document_has_it(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing)

    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]
