"""The variables of the rate limits and of the proxies in front of the service."""

from pathlib import Path

import pytest

from config.loading import PRODUCTION, for_development, for_production, for_testing, problems_of
from userapi.config.http import HTTPSettings
from userapi.rate_limits.settings import RateLimitSettings

LIMITS = (
    "RATELIMIT_REGISTER",
    "RATELIMIT_LOGIN",
    "RATELIMIT_EMAIL",
    "RATELIMIT_PASSWORD",
    "RATELIMIT_REFRESH",
    "RATELIMIT_FAILED_LOGINS",
    "RATELIMIT_REGISTRATIONS_OVERALL",
    "RATELIMIT_FAILED_LOGINS_BY_NETWORK",
)
ONE_LIMIT = 'must be one limit such as "30 per 5 minutes": 1 to 1000000 in at most 30 days'
SEVERAL_LIMITS = (
    'must be up to 3 limits such as "10/second; 1000/hour", each for another time: '
    "1 to 1000000 in at most 30 days"
)
A_REDIS = "must be redis://:password@host:6379/0, or rediss:// for TLS"


def test_the_limits_have_defaults(instance: Path) -> None:
    settings = for_development(instance).of(RateLimitSettings)

    assert settings.by_name() == {
        "register": "30 per 5 minutes",
        "login": "30 per 5 minutes",
        "refresh": "150 per 5 minutes",
        "password": "30 per 5 minutes",
        "email": "30 per 5 minutes",
    }
    assert settings.failed_logins == "1000 per 5 minutes"
    assert settings.registrations_overall == "100 per 5 minutes"
    assert settings.client == "6000 per 5 minutes"
    assert settings.writes == "300 per 5 minutes; 10000 per day"
    assert settings.failed_logins_by_network == "400 per hour"
    assert settings.storage_uri == ""


@pytest.mark.parametrize("text", ["10/minute", "1 per day", "5 per 2 hours", "1000000/30 days"])
def test_any_one_limit_is_taken(instance: Path, text: str) -> None:
    settings = for_development(instance, **dict.fromkeys(LIMITS, text)).of(RateLimitSettings)

    others = (
        settings.failed_logins,
        settings.failed_logins_by_network,
        settings.registrations_overall,
    )
    assert {*settings.by_name().values(), *others} == {text}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    "text",
    [
        "many",
        "30",
        "30 per fortnight",
        "-1 per minute",
        "0 per minute",
        "1000001 per minute",
        "1 per 31 days",
        "1 per year",
        "5/minute;100/hour",
        f"{'9' * 5000} per minute",
    ],
)
def test_anything_else_is_refused_by_name(instance: Path, name: str, text: str) -> None:
    assert problems_of(None, {"INSTANCE_PATH": str(instance), name: text}) == (
        f"{name}: {ONE_LIMIT}",
    )


@pytest.mark.parametrize("text", ["10/minute", "5/minute;100/hour", "1/second; 9/minute; 90/day"])
def test_clients_and_writes_may_have_several_limits(instance: Path, text: str) -> None:
    variables = {"RATELIMIT_CLIENT": text, "RATELIMIT_WRITES": text}
    settings = for_development(instance, **variables).of(RateLimitSettings)

    assert (settings.client, settings.writes) == (text, text)


@pytest.mark.parametrize("name", ["RATELIMIT_CLIENT", "RATELIMIT_WRITES"])
@pytest.mark.parametrize(
    "text",
    [
        "many",
        "0 per minute",
        "5/minute;1/year",
        "5/minute;9/minute",
        "5/minute;60/60 seconds",
        "1/second;2/minute;3/hour;4/day",
    ],
)
def test_no_other_limits_are_taken_for_these(instance: Path, name: str, text: str) -> None:
    assert problems_of(None, {"INSTANCE_PATH": str(instance), name: text}) == (
        f"{name}: {SEVERAL_LIMITS}",
    )


@pytest.mark.parametrize(
    "uri",
    [
        "redis://cache.example",
        "redis://:hunter22@cache.example:6380/3",
        "redis://app:hunter22@[::1]:6379",
        "rediss://cache.example:6379/0",
    ],
)
def test_a_redis_is_taken(instance: Path, uri: str) -> None:
    assert (
        for_development(instance, RATELIMIT_STORAGE_URI=uri).of(RateLimitSettings).storage_uri
        == uri
    )


@pytest.mark.parametrize(
    "uri",
    [
        "memory://",
        "http://hunter22.example",
        "redis://",
        "redis:///0",
        "redis://:hunter22@cache.example:port",
        "redis://cache.example:0",
        "redis://cache.example/hunter22",
        "redis://cache.example/0?socket_timeout=900",
        "redis://[cache.example",
    ],
)
def test_no_other_store_is_taken_nor_shown(instance: Path, uri: str) -> None:
    assert problems_of(None, {"INSTANCE_PATH": str(instance), "RATELIMIT_STORAGE_URI": uri}) == (
        f"RATELIMIT_STORAGE_URI: {A_REDIS}",
    )


def test_the_password_of_redis_is_not_in_the_representation(instance: Path) -> None:
    uri = "redis://:hunter22@cache.example"

    assert "hunter22" not in repr(for_development(instance, RATELIMIT_STORAGE_URI=uri))


def test_limits_are_on_but_in_testing(instance: Path) -> None:
    assert for_development(instance).of(RateLimitSettings).enabled
    assert for_production().of(RateLimitSettings).enabled
    assert not for_testing(instance).of(RateLimitSettings).enabled


@pytest.mark.parametrize("enabled", [True, False])
def test_limits_are_switched(instance: Path, *, enabled: bool) -> None:
    variables = {"RATELIMIT_ENABLED": str(enabled)}

    assert for_development(instance, **variables).of(RateLimitSettings).enabled is enabled
    assert for_testing(instance, **variables).of(RateLimitSettings).enabled is enabled


def test_production_refuses_to_go_without_limits() -> None:
    assert problems_of("production", {**PRODUCTION, "RATELIMIT_ENABLED": "false"}) == (
        "RATELIMIT_ENABLED: must be on in production",
    )


def test_no_proxy_is_trusted_unless_it_is_told(instance: Path) -> None:
    assert for_development(instance).of(HTTPSettings).trusted_proxies == 0
    assert for_development(instance, TRUSTED_PROXIES="10").of(HTTPSettings).trusted_proxies == 10


@pytest.mark.parametrize("number", ["-1", "11", "one", "10.0.0.1"])
def test_only_a_small_number_of_proxies_is_taken(instance: Path, number: str) -> None:
    variables = {"INSTANCE_PATH": str(instance), "TRUSTED_PROXIES": number}

    assert problems_of(None, variables) == ("TRUSTED_PROXIES: must be a whole number from 0 to 10",)
