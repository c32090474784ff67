"""What the settings make of Flask, of the engine and of hashing."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Config

from config.loading import PRODUCTION, for_development, for_production, for_testing
from support.applications import application
from userapi.config.database import DatabaseSettings
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.db.postgresql import Connector
from userapi.features import load_settings
from userapi.kit.passwords import PasswordHasher
from userapi.sessions.settings import SessionSettings
from userapi.tokens.settings import TokenSettings


def config_with(settings: Settings) -> Config:
    """Return what an application with those settings has as its configuration."""
    with application(settings) as app:
        return app.config


def test_testing_has_short_access_tokens(instance: Path) -> None:
    settings = for_testing(instance)

    assert settings.is_testing
    assert settings.of(SessionSettings).access_lifetime == timedelta(seconds=5)
    assert settings.of(SessionSettings).absolute_lifetime == timedelta(days=30)


def test_testing_hashes_cheaply(instance: Path) -> None:
    made = PasswordHasher(cost=for_testing(instance).of(PasswordSettings).hashing_cost).hash(
        "password123"
    )

    assert made.startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_real_hashing_parameters(environment: str, instance: Path) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    made = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash("password123")

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_engine_options(instance: Path) -> None:
    options = config_with(for_development(instance))["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["pool_recycle"] == 300
    assert options["hide_parameters"] is True
    assert options["connect_args"] == {"timeout": 15}


def test_postgresql_is_not_waited_for_for_long() -> None:
    options = config_with(for_production())["SQLALCHEMY_ENGINE_OPTIONS"]

    told = options["connect_args"]
    assert (told["connect_timeout"], told["application_name"]) == (2, "userapi")
    assert (options["pool_timeout"], told["tcp_user_timeout"]) == (1, 5000)
    assert options["isolation_level"] == "AUTOCOMMIT"


@pytest.mark.parametrize(
    ("text", "connector"),
    [
        ("", Connector(9, prepares=None)),
        ("true", Connector(9, prepares=True)),
        ("false", Connector(9, prepares=False)),
    ],
)
def test_how_postgresql_is_asked_can_be_told(text: str, connector: Connector) -> None:
    settings = for_production(DATABASE_PREPARED_STATEMENTS=text, DATABASE_TIMEOUT_SECONDS="9")

    assert settings.of(DatabaseSettings).connector == connector


def test_the_pool_grows_to_twice_its_size(instance: Path) -> None:
    settings = for_development(instance, DATABASE_POOL_SIZE="7")
    options = config_with(settings)["SQLALCHEMY_ENGINE_OPTIONS"]

    assert (options["pool_size"], options["max_overflow"]) == (7, 7)


def test_the_pool_grows_until_each_thread_can_have_a_connection(instance: Path) -> None:
    settings = for_development(instance, DATABASE_POOL_SIZE="7", WEB_THREADS="30")
    options = config_with(settings)["SQLALCHEMY_ENGINE_OPTIONS"]

    assert (options["pool_size"], options["max_overflow"]) == (7, 26)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SECRET_KEY", None),  # there are no sessions of cookies to sign
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
    assert config_with(for_production())[name] == expected


def test_testing_configures_flask(instance: Path) -> None:
    config = config_with(for_testing(instance))

    assert config["TESTING"] is True
    assert config["JWT_ACCESS_TOKEN_EXPIRES"] == timedelta(seconds=5)


@pytest.mark.parametrize(("environment", "seconds"), [("testing", 10), ("production", 10)])
def test_the_leeway_of_the_clocks(environment: str, seconds: int, instance: Path) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    assert settings.of(TokenSettings).leeway == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("environment", "seconds"), [("testing", (0.5, 1)), ("production", (5, 10))]
)
def test_the_ages_of_the_keys(
    environment: str, seconds: tuple[float, float], instance: Path
) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    ages = settings.of(TokenSettings).key_ages
    assert (ages.renewed.total_seconds(), ages.oldest.total_seconds()) == seconds


def test_development_allows_cookies_over_plain_http(instance: Path) -> None:
    config = config_with(for_development(instance))

    assert (config["SESSION_COOKIE_SECURE"], config["JWT_COOKIE_SECURE"]) == (False, False)


def test_debug_is_flasks_own(instance: Path) -> None:
    assert config_with(for_development(instance, FLASK_DEBUG="yes"))["DEBUG"] is True
