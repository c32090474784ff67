"""The name of a request, which is in its response."""

import re

import pytest
from flask.testing import FlaskClient

from support.paths import LIVE
from web.callers import cases
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("name", ["a", "order-66_retry.2", "A" * 64])
def test_a_callers_own_is_taken_over(testing: FlaskClient, name: str) -> None:
    answer = testing.get(LIVE, headers={"X-Request-Id": name})

    assert answer.headers.getlist("X-Request-Id") == [name]


def test_one_is_made_for_each_request(testing: FlaskClient) -> None:
    first = testing.get(LIVE).headers["X-Request-Id"]
    second = testing.get(LIVE).headers["X-Request-Id"]

    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


@pytest.mark.parametrize(
    "name", ["", "A" * 65, "two words", "path/like", "tab\there", "<b>", "ÿ", "a,b", '"a"']
)
def test_a_bad_one_is_replaced(testing: FlaskClient, name: str) -> None:
    answer = testing.get(LIVE, headers={"X-Request-Id": name})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


@cases(SAMPLES)
def test_every_answer_has_it(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing, {"X-Request-Id": "mine"})

    assert answer.headers["X-Request-Id"] == "mine"


@cases({name: sample for name, sample in SAMPLES.items() if sample.status >= 400})
def test_every_problem_document_has_it(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing)

    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]
