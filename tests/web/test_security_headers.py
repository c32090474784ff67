"""What every response says to browsers."""

import re

import pytest
from flask.testing import FlaskClient

from support.paths import LIVE
from web.callers import cases
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database


@cases(SAMPLES)
def test_every_answer_forbids_sniffing_referrers_and_frames(
    testing: FlaskClient, case: Sample
) -> None:
    answer = case.send(testing)

    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
    (policy,) = answer.headers.getlist("Content-Security-Policy")
    assert "frame-ancestors 'none'" in policy.split("; ")


@cases(SAMPLES)
def test_no_answer_allows_inline_scripts_or_styles(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


@cases(SAMPLES)
def test_no_answer_sets_a_cookie(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing)

    assert "Set-Cookie" not in answer.headers


@cases(SAMPLES)
def test_in_production_every_answer_asks_for_https(production: FlaskClient, case: Sample) -> None:
    answer = case.send(production)

    (policy,) = answer.headers.getlist("Strict-Transport-Security")
    match = re.match(r"max-age=([0-9]+)", policy)
    assert match is not None
    assert int(match[1]) >= 31_536_000


@pytest.mark.parametrize("environment", ["development", "testing"])
def test_elsewhere_no_answer_asks_for_https(
    request: pytest.FixtureRequest, environment: str
) -> None:
    client: FlaskClient = request.getfixturevalue(environment)

    answer = client.get(LIVE)

    assert "Strict-Transport-Security" not in answer.headers
