"""What every response says to browsers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from support.applications import application
from support.paths import LIVE
from userapi.config.http import HTTPSettings
from userapi.config.settings import Settings
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
    assert answer.headers.getlist("X-Frame-Options") == ["DENY"]
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


def test_by_default_hosts_below_are_told_too(production: FlaskClient) -> None:
    policy = production.get(LIVE).headers["Strict-Transport-Security"]

    assert policy == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    ("changes", "policy"),
    [
        ({"strict_transport_subdomains": False}, "max-age=31536000"),
        (
            {"strict_transport_lifetime": timedelta(minutes=5)},
            "max-age=300; includeSubDomains",
        ),
        (
            {"strict_transport_lifetime": timedelta(0), "strict_transport_subdomains": False},
            "max-age=0",
        ),
    ],
)
def test_settings_tell_for_whom_and_how_long(
    production_settings: Settings, changes: dict[str, Any], policy: str
) -> None:
    with application(production_settings.replace(HTTPSettings, **changes)) as app:
        answer = app.test_client().get(LIVE)

    assert answer.headers.getlist("Strict-Transport-Security") == [policy]


@pytest.mark.parametrize("environment", ["development", "testing"])
def test_elsewhere_no_answer_asks_for_https(
    request: pytest.FixtureRequest, environment: str
) -> None:
    client: FlaskClient = request.getfixturevalue(environment)

    answer = client.get(LIVE)

    assert "Strict-Transport-Security" not in answer.headers
