"""Each variable: its default, its valid values, its invalid values."""

import re
from datetime import timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from settings.loading import MAKE_ONE, STRONG, for_development, problems_of, variables_read
from userapi.tokens.keys.signing import Algorithm
from userapi.settings import Environment, SettingsError, load_settings
from userapi.throttling.lockout import Lockout

TRUE_OR_FALSE = "must be true or false"
ORIGINS = "must be * or origins such as https://app.example.com, with commas"
DATABASE = "must be postgresql://user:password@host/database or sqlite:////path/to/file"


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("environment", Environment.DEVELOPMENT),
        ("database_pool_size", 5),
        ("cors_origins", ("*",)),
        ("host", "127.0.0.1"),
        ("port", 5000),
        ("web_concurrency", 2),
        ("web_threads", 4),
        ("log_level", "INFO"),
        ("sql_echo", False),
        ("debug", False),
        ("max_content_length", 1_048_576),
        ("audit_origin_retention", timedelta(days=90)),
        ("jwt_algorithm", Algorithm.HS256),
        ("jwt_keys_dir", None),
        ("jwks_max_age", 300),
        ("jwt_issuer", "userapi"),
        ("jwt_audience", "userapi"),
        ("access_token_lifetime", timedelta(hours=1)),
        ("refresh_token_lifetime", timedelta(days=30)),
        ("session_idle_lifetime", timedelta(days=7)),
        ("refresh_grace", timedelta(seconds=10)),
        ("rate_limits.lockout", Lockout(free_failures=10, max_failures=50)),
        ("device_token_lifetime", timedelta(days=90)),
    ],
)
def test_a_variable_that_is_not_set_has_a_default(
    instance: Path, attribute: str, expected: object
) -> None:
    settings = load_settings(variables={"INSTANCE_PATH": str(instance)})

    assert attrgetter(attribute)(settings) == expected


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("DATABASE_POOL_SIZE", "1", "database_pool_size", 1),
        ("DATABASE_POOL_SIZE", "100", "database_pool_size", 100),
        ("CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("CORS_ORIGINS", "https://a.example", "cors_origins", ("https://a.example",)),
        (
            "CORS_ORIGINS",
            " https://a.example , http://localhost:3000 ",
            "cors_origins",
            ("https://a.example", "http://localhost:3000"),
        ),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("HOST", " ::1 ", "host", "::1"),
        ("HOST", "", "host", "127.0.0.1"),
        ("AUDIT_ORIGIN_RETENTION_DAYS", "1", "audit_origin_retention", timedelta(days=1)),
        ("AUDIT_ORIGIN_RETENTION_DAYS", "3650", "audit_origin_retention", timedelta(days=3650)),
        ("PORT", "1", "port", 1),
        ("PORT", " 65535 ", "port", 65_535),
        ("WEB_CONCURRENCY", "64", "web_concurrency", 64),
        ("WEB_THREADS", "1", "web_threads", 1),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("LOG_LEVEL", "CRITICAL", "log_level", "CRITICAL"),
        ("SQL_ECHO", "true", "sql_echo", True),
        ("SQL_ECHO", "0", "sql_echo", False),
        ("FLASK_DEBUG", "1", "debug", True),
        ("FLASK_DEBUG", "off", "debug", False),
        ("MAX_CONTENT_LENGTH", "1024", "max_content_length", 1024),
        ("JWT_ALGORITHM", "eddsa", "jwt_algorithm", Algorithm.EDDSA),
        ("JWT_ALGORITHM", "ES256", "jwt_algorithm", Algorithm.ES256),
        ("JWT_KEYS_DIR", "/", "jwt_keys_dir", Path("/")),
        ("JWKS_MAX_AGE", "1", "jwks_max_age", 1),
        ("JWT_ISSUER", "https://id.example", "jwt_issuer", "https://id.example"),
        ("JWT_AUDIENCE", "shop", "jwt_audience", "shop"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "60", "access_token_lifetime", timedelta(minutes=1)),
        ("JWT_REFRESH_TOKEN_EXPIRES", "31536000", "refresh_token_lifetime", timedelta(days=365)),
        ("SESSION_IDLE_EXPIRES", "3600", "session_idle_lifetime", timedelta(hours=1)),
        ("REFRESH_GRACE_SECONDS", "0", "refresh_grace", timedelta(0)),
        ("REFRESH_GRACE_SECONDS", "60", "refresh_grace", timedelta(minutes=1)),
        ("LOGIN_FREE_FAILURES", "1", "rate_limits.lockout", Lockout(free_failures=1)),
        ("LOGIN_FREE_FAILURES", "20", "rate_limits.lockout", Lockout(free_failures=20)),
        ("LOGIN_MAX_FAILURES", "20", "rate_limits.lockout", Lockout(max_failures=20)),
        ("LOGIN_MAX_FAILURES", "100", "rate_limits.lockout", Lockout(max_failures=100)),
        ("DEVICE_TOKEN_EXPIRES", "60", "device_token_lifetime", timedelta(minutes=1)),
        ("SECRET_KEY", STRONG, "secret_key", STRONG),
        ("JWT_SECRET_KEY", STRONG, "jwt_secret_key", STRONG),
        ("DATABASE_URL", "sqlite:////srv/a.db", "database_url", "sqlite:////srv/a.db"),
    ],
)
def test_a_valid_value_is_taken(
    instance: Path, name: str, value: str, attribute: str, expected: object
) -> None:
    settings = for_development(instance, **{name: value})

    assert attrgetter(attribute)(settings) == expected


@pytest.mark.parametrize(
    ("name", "value", "mend"),
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
        ("AUDIT_ORIGIN_RETENTION_DAYS", "0", "must be a whole number from 1 to 3650"),
        ("JWT_ALGORITHM", "RS256", "must be one of HS256, EdDSA, ES256"),
        ("JWT_ALGORITHM", "none", "must be one of HS256, EdDSA, ES256"),
        ("JWT_KEYS_DIR", "/nowhere", "must be a folder that exists"),
        ("JWKS_MAX_AGE", "0", "must be a whole number from 1 to 86400"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "1h", "must be a whole number from 1 to 31536000"),
        ("JWT_REFRESH_TOKEN_EXPIRES", "31536001", "must be a whole number from 1 to 31536000"),
        ("SESSION_IDLE_EXPIRES", "0", "must be a whole number from 1 to 31536000"),
        ("REFRESH_GRACE_SECONDS", "61", "must be a whole number from 0 to 60"),
        ("RATELIMIT_ENABLED", "maybe", TRUE_OR_FALSE),
        ("LOGIN_FREE_FAILURES", "0", "must be a whole number from 1 to 20"),
        ("LOGIN_FREE_FAILURES", "21", "must be a whole number from 1 to 20"),
        ("LOGIN_MAX_FAILURES", "19", "must be a whole number from 20 to 100"),
        ("LOGIN_MAX_FAILURES", "101", "must be a whole number from 20 to 100"),
        ("DEVICE_TOKEN_EXPIRES", "0", "must be a whole number from 1 to 31536000"),
        ("CORS_ORIGINS", "app.example.com", ORIGINS),
        ("CORS_ORIGINS", "https://a.example/path", ORIGINS),
        ("CORS_ORIGINS", "https://a.example,ftp://b.example", ORIGINS),
        ("CORS_ORIGINS", "https://", ORIGINS),
        ("CORS_ORIGINS", "https://*.example.com", ORIGINS),
        ("CORS_ORIGINS", "https://ada@a.example", ORIGINS),
        ("CORS_ORIGINS", "http://[", ORIGINS),
        ("DATABASE_URL", "mysql://root@localhost/app", DATABASE),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/app", DATABASE),
        ("DATABASE_URL", "sqlite://", DATABASE),
        ("DATABASE_URL", "sqlite:///:memory:", DATABASE),
        ("DATABASE_URL", "just words", DATABASE),
        ("DATABASE_URL", "postgresql://localhost:port/app", DATABASE),
        ("SECRET_KEY", "short", f"is too short: it must have at least 32 bytes; {MAKE_ONE}"),
        ("JWT_SECRET_KEY", "change-me-" * 5, f"looks like a placeholder; {MAKE_ONE}"),
    ],
)
def test_an_invalid_value_is_refused_by_name_and_with_the_mend(
    instance: Path, name: str, value: str, mend: str
) -> None:
    variables = {"INSTANCE_PATH": str(instance), name: value}

    assert problems_of(None, variables) == (f"{name}: {mend}",)


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


def test_the_error_has_one_line_for_each_problem() -> None:
    with pytest.raises(SettingsError) as caught:
        for_development(Path("unused"), PORT="http", LOG_LEVEL="loud")

    assert str(caught.value).splitlines() == [
        "The settings are not valid:",
        "  PORT: must be a whole number from 1 to 65535",
        "  LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ]


def test_every_variable_stands_in_the_example_file() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    names = re.findall(r"^(?:# ?)?([A-Z][A-Z_]+)=", example.read_text("utf-8"), re.MULTILINE)

    assert sorted(names) == sorted(variables_read())
