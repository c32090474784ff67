"""Each variable: its default, its valid values, its invalid values."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.loading import MAKE_ONE, STRONG, for_development, problems_of, variables_read
from userapi.audit.settings import AuditSettings
from userapi.config.database import DatabaseSettings
from userapi.config.environments import Environment
from userapi.config.groups import LoggingSettings, ServerSettings
from userapi.config.http import HTTPSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.secrets import SecretSettings
from userapi.config.settings import SettingsError
from userapi.features import load_settings
from userapi.sessions.settings import SessionSettings
from userapi.throttling.lockout import Lockout
from userapi.throttling.settings import ThrottlingSettings
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.settings import TokenSettings

TRUE_OR_FALSE = "must be true or false"
DATABASE = (
    "must be postgresql://user:password@host/database or sqlite:////path/to/file; "
    "write @ in a password as %40, / as %2F"
)


@pytest.mark.parametrize(
    ("group", "attribute", "expected"),
    [
        (EnvironmentSettings, "environment", Environment.DEVELOPMENT),
        (DatabaseSettings, "pool_size", 5),
        (HTTPSettings, "cors_origins", ("*",)),
        (ServerSettings, "host", "127.0.0.1"),
        (ServerSettings, "port", 5000),
        (ServerSettings, "processes", 2),
        (ServerSettings, "threads", 8),
        (LoggingSettings, "level", "INFO"),
        (DatabaseSettings, "echo", False),
        (EnvironmentSettings, "debug", False),
        (HTTPSettings, "max_content_length", 1_048_576),
        (AuditSettings, "origin_retention", timedelta(days=90)),
        (TokenSettings, "algorithm", Algorithm.HS256),
        (TokenSettings, "keys_folder", None),
        (TokenSettings, "jwks_max_age", 300),
        (TokenSettings, "issuer", "userapi"),
        (TokenSettings, "audience", "userapi"),
        (SessionSettings, "access_lifetime", timedelta(hours=1)),
        (SessionSettings, "absolute_lifetime", timedelta(days=30)),
        (SessionSettings, "idle_lifetime", timedelta(days=7)),
        (SessionSettings, "refresh_grace", timedelta(seconds=10)),
        (ThrottlingSettings, "lockout", Lockout(free_failures=10, max_failures=50)),
        (ThrottlingSettings, "device_lifetime", timedelta(days=90)),
    ],
)
def test_a_variable_that_is_not_set_has_a_default(
    instance: Path, group: type, attribute: str, expected: object
) -> None:
    settings = load_settings(variables={"INSTANCE_PATH": str(instance)})

    assert getattr(settings.of(group), attribute) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_POOL_SIZE", "1", (DatabaseSettings, "pool_size", 1)),
        ("DATABASE_POOL_SIZE", "100", (DatabaseSettings, "pool_size", 100)),
        ("CORS_ORIGINS", "*", (HTTPSettings, "cors_origins", ("*",))),
        (
            "CORS_ORIGINS",
            "https://a.example",
            (HTTPSettings, "cors_origins", ("https://a.example",)),
        ),
        (
            "CORS_ORIGINS",
            " https://a.example , http://localhost:3000 ",
            (HTTPSettings, "cors_origins", ("https://a.example", "http://localhost:3000")),
        ),
        ("HOST", "0.0.0.0", (ServerSettings, "host", "0.0.0.0")),
        ("HOST", " ::1 ", (ServerSettings, "host", "::1")),
        ("HOST", "", (ServerSettings, "host", "127.0.0.1")),
        (
            "AUDIT_ORIGIN_RETENTION_DAYS",
            "1",
            (AuditSettings, "origin_retention", timedelta(days=1)),
        ),
        (
            "AUDIT_ORIGIN_RETENTION_DAYS",
            "3650",
            (AuditSettings, "origin_retention", timedelta(days=3650)),
        ),
        ("PORT", "1", (ServerSettings, "port", 1)),
        ("PORT", " 65535 ", (ServerSettings, "port", 65_535)),
        ("WEB_CONCURRENCY", "64", (ServerSettings, "processes", 64)),
        ("WEB_THREADS", "1", (ServerSettings, "threads", 1)),
        ("LOG_LEVEL", "debug", (LoggingSettings, "level", "DEBUG")),
        ("LOG_LEVEL", "CRITICAL", (LoggingSettings, "level", "CRITICAL")),
        ("SQL_ECHO", "true", (DatabaseSettings, "echo", True)),
        ("SQL_ECHO", "0", (DatabaseSettings, "echo", False)),
        ("FLASK_DEBUG", "1", (EnvironmentSettings, "debug", True)),
        ("FLASK_DEBUG", "off", (EnvironmentSettings, "debug", False)),
        ("MAX_CONTENT_LENGTH", "1024", (HTTPSettings, "max_content_length", 1024)),
        ("JWT_ALGORITHM", "eddsa", (TokenSettings, "algorithm", Algorithm.EDDSA)),
        ("JWT_ALGORITHM", "ES256", (TokenSettings, "algorithm", Algorithm.ES256)),
        ("JWT_KEYS_DIR", "/", (TokenSettings, "keys_folder", Path("/"))),
        ("JWKS_MAX_AGE", "1", (TokenSettings, "jwks_max_age", 1)),
        ("JWT_ISSUER", "https://id.example", (TokenSettings, "issuer", "https://id.example")),
        ("JWT_AUDIENCE", "shop", (TokenSettings, "audience", "shop")),
        (
            "JWT_ACCESS_TOKEN_EXPIRES",
            "60",
            (SessionSettings, "access_lifetime", timedelta(minutes=1)),
        ),
        (
            "JWT_REFRESH_TOKEN_EXPIRES",
            "31536000",
            (SessionSettings, "absolute_lifetime", timedelta(days=365)),
        ),
        ("SESSION_IDLE_EXPIRES", "3600", (SessionSettings, "idle_lifetime", timedelta(hours=1))),
        ("REFRESH_GRACE_SECONDS", "0", (SessionSettings, "refresh_grace", timedelta(0))),
        ("REFRESH_GRACE_SECONDS", "60", (SessionSettings, "refresh_grace", timedelta(minutes=1))),
        ("LOGIN_FREE_FAILURES", "1", (ThrottlingSettings, "lockout", Lockout(free_failures=1))),
        ("LOGIN_FREE_FAILURES", "20", (ThrottlingSettings, "lockout", Lockout(free_failures=20))),
        ("LOGIN_MAX_FAILURES", "20", (ThrottlingSettings, "lockout", Lockout(max_failures=20))),
        ("LOGIN_MAX_FAILURES", "100", (ThrottlingSettings, "lockout", Lockout(max_failures=100))),
        (
            "DEVICE_TOKEN_EXPIRES",
            "60",
            (ThrottlingSettings, "device_lifetime", timedelta(minutes=1)),
        ),
        ("SECRET_KEY", STRONG, (SecretSettings, "secret_key", STRONG)),
        ("JWT_SECRET_KEY", STRONG, (SecretSettings, "jwt_secret_key", STRONG)),
        ("DATABASE_URL", "sqlite:////srv/a.db", (DatabaseSettings, "url", "sqlite:////srv/a.db")),
    ],
)
def test_a_valid_value_is_taken(
    instance: Path, name: str, value: str, expected: tuple[type, str, object]
) -> None:
    group, attribute, wanted = expected
    settings = for_development(instance, **{name: value})

    assert getattr(settings.of(group), attribute) == wanted


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("FLASK_ENV", "staging", "must be one of development, testing, production"),
        ("FLASK_DEBUG", "maybe", TRUE_OR_FALSE),
        ("SQL_ECHO", "2", TRUE_OR_FALSE),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("PORT", "0", "must be a whole number from 1 to 65535"),
        ("PORT", "65536", "must be a whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "65", "must be a whole number from 1 to 64"),
        ("WEB_THREADS", "four", "must be a whole number from 1 to 64"),
        ("DATABASE_POOL_SIZE", "-1", "must be a whole number from 1 to 100"),
        ("MAX_CONTENT_LENGTH", "1e6", "must be a whole number from 1024 to 1073741824"),
        ("AUDIT_ORIGIN_RETENTION_DAYS", "0", "must be a whole number of days from 1 to 3650"),
        ("JWT_ALGORITHM", "RS256", "must be one of HS256, EdDSA, ES256"),
        ("JWT_ALGORITHM", "none", "must be one of HS256, EdDSA, ES256"),
        ("JWT_KEYS_DIR", "/nowhere", "must be a folder that exists"),
        ("JWKS_MAX_AGE", "0", "must be a whole number from 1 to 86400"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "1h", "must be a whole number of seconds from 1 to 31536000"),
        (
            "JWT_REFRESH_TOKEN_EXPIRES",
            "31536001",
            "must be a whole number of seconds from 1 to 31536000",
        ),
        ("SESSION_IDLE_EXPIRES", "0", "must be a whole number of seconds from 1 to 31536000"),
        ("REFRESH_GRACE_SECONDS", "61", "must be a whole number of seconds from 0 to 60"),
        ("RATELIMIT_ENABLED", "maybe", TRUE_OR_FALSE),
        ("LOGIN_FREE_FAILURES", "0", "must be a whole number from 1 to 20"),
        ("LOGIN_FREE_FAILURES", "21", "must be a whole number from 1 to 20"),
        ("LOGIN_MAX_FAILURES", "19", "must be a whole number from 20 to 100"),
        ("LOGIN_MAX_FAILURES", "101", "must be a whole number from 20 to 100"),
        ("DEVICE_TOKEN_EXPIRES", "0", "must be a whole number of seconds from 1 to 31536000"),
        ("DATABASE_URL", "mysql://root@localhost/app", DATABASE),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/app", DATABASE),
        ("DATABASE_URL", "sqlite://", DATABASE),
        ("DATABASE_URL", "sqlite:///:memory:", DATABASE),
        ("DATABASE_URL", "just words", DATABASE),
        ("DATABASE_URL", "postgresql://app:hun@ter@db.example/app", DATABASE),
        ("DATABASE_URL", "postgresql://app:hun@ter/2@db.example/app", DATABASE),
        ("DATABASE_URL", "postgresql://app:hun@ter?2@db.example/app", DATABASE),
        ("DATABASE_URL", "postgresql://[db/app", DATABASE),
        ("DATABASE_URL", "postgresql://localhost:port/app", DATABASE),
        ("SECRET_KEY", "short", f"is too short: it must have at least 32 bytes; {MAKE_ONE}"),
        ("JWT_SECRET_KEY", "change-me-" * 5, f"looks like a placeholder; {MAKE_ONE}"),
    ],
)
def test_an_invalid_value_is_refused_by_name_and_with_the_mend(
    instance: Path, name: str, value: str, hint: str
) -> None:
    variables = {"INSTANCE_PATH": str(instance), name: value}

    assert problems_of(None, variables) == (f"{name}: {hint}",)


def test_an_invalid_test_database_is_refused_by_its_own_name() -> None:
    variables = {"TEST_DATABASE_URL": "mysql://root@localhost/app"}

    assert problems_of("testing", variables) == (f"TEST_DATABASE_URL: {DATABASE}",)


def test_all_bad_variables_are_reported_at_once() -> None:
    variables = {
        "FLASK_DEBUG": "on",
        "CORS_ORIGINS": "*",
        "DATABASE_URL": "mysql://root@localhost/app",
        "PORT": "http",
        "LOG_LEVEL": "loud",
        "SECRET_KEY": "short",
    }

    names = {problem.partition(":")[0] for problem in problems_of("production", variables)}

    assert names == {*variables, "JWT_SECRET_KEY"}


def test_every_variable_can_be_in_the_list() -> None:
    any_text = {"HOST", "INSTANCE_PATH", "JWT_AUDIENCE", "JWT_ISSUER", "PRODUCT_NAME"}
    any_text |= {"OTEL_SERVICE_NAME", "SMTP_PASSWORD", "SMTP_USERNAME"}
    variables = dict.fromkeys(variables_read() - any_text - {"TEST_DATABASE_URL"}, "hunter22~")

    problems = problems_of(None, variables)

    assert sorted(problem.partition(":")[0] for problem in problems) == sorted(variables)
    assert "hunter22" not in "".join(problems)


def test_the_error_has_one_line_for_each_problem() -> None:
    with pytest.raises(SettingsError) as caught:
        for_development(Path("unused"), PORT="http", LOG_LEVEL="loud")

    assert str(caught.value).splitlines() == [
        "The settings are not valid:",
        "  PORT: must be a whole number from 1 to 65535",
        "  LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ]
