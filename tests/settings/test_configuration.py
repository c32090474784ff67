"""What the settings make of Flask, of the engine and of hashing."""

from datetime import timedelta
from pathlib import Path

import pytest

from settings.loading import PRODUCTION, for_development, for_production, for_testing
from userapi.kit.passwords import PasswordHasher
from userapi.settings import load_settings


def test_testing_has_short_access_tokens(instance: Path) -> None:
    settings = for_testing(instance)

    assert settings.is_testing
    assert settings.access_token_lifetime == timedelta(seconds=5)
    assert settings.refresh_token_lifetime == timedelta(days=30)


def test_testing_hashes_cheaply(instance: Path) -> None:
    made = PasswordHasher(cost=for_testing(instance).hashing_cost).hash("password123")

    assert made.startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_real_hashing_parameters(environment: str, instance: Path) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    made = PasswordHasher(cost=settings.hashing_cost).hash("password123")

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_engine_options(instance: Path) -> None:
    options = for_development(instance).flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["pool_pre_ping"] is True
    assert options["pool_recycle"] == 300
    assert options["hide_parameters"] is True
    assert options["connect_args"] == {"timeout": 15}


def test_postgresql_is_not_waited_for_for_long() -> None:
    options = for_production().flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["connect_args"] == {"connect_timeout": 5, "application_name": "userapi"}


def test_the_pool_grows_to_twice_its_size(instance: Path) -> None:
    settings = for_development(instance, DATABASE_POOL_SIZE="7")
    options = settings.flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert (options["pool_size"], options["max_overflow"]) == (7, 7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SECRET_KEY", PRODUCTION["SECRET_KEY"]),
        ("JWT_SECRET_KEY", PRODUCTION["JWT_SECRET_KEY"]),
        ("SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://app:hunter22@db.example/app"),
        ("SQLALCHEMY_ECHO", False),
        ("JWT_TOKEN_LOCATION", ["headers"]),
        ("JWT_ALGORITHM", "HS256"),
        ("JWT_ACCESS_TOKEN_EXPIRES", timedelta(hours=1)),
        ("JWT_REFRESH_TOKEN_EXPIRES", timedelta(days=30)),
        ("JWT_ENCODE_ISSUER", "userapi"),
        ("JWT_ENCODE_AUDIENCE", "userapi"),
        ("JWT_COOKIE_SECURE", True),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("SESSION_COOKIE_SAMESITE", "Strict"),
        ("MAX_CONTENT_LENGTH", 1_048_576),
        ("BODY_TIMEOUT", timedelta(seconds=20)),
        ("DEBUG", False),
        ("TESTING", False),
    ],
)
def test_production_configures_flask(name: str, expected: object) -> None:
    assert for_production().flask_config()[name] == expected


def test_testing_configures_flask(instance: Path) -> None:
    config = for_testing(instance).flask_config()

    assert config["TESTING"] is True
    assert config["JWT_ACCESS_TOKEN_EXPIRES"] == timedelta(seconds=5)


@pytest.mark.parametrize(("environment", "seconds"), [("testing", 0), ("production", 5)])
def test_the_leeway_of_the_clocks(environment: str, seconds: int, instance: Path) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    assert settings.token_leeway == timedelta(seconds=seconds)


def test_development_allows_cookies_over_plain_http(instance: Path) -> None:
    config = for_development(instance).flask_config()

    assert (config["SESSION_COOKIE_SECURE"], config["JWT_COOKIE_SECURE"]) == (False, False)


def test_debug_is_flasks_own(instance: Path) -> None:
    assert for_development(instance, FLASK_DEBUG="yes").flask_config()["DEBUG"] is True
