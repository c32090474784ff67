"""From environment variables to one frozen, validated `Settings`.

Variables come from the process's environment and from a `.env` file in the working folder;
the environment wins. One pass looks at all of them and reports every bad one at once.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
from dotenv import dotenv_values

from userapi.db.urls import usable_url
from userapi.kit.passwords import STANDARD_COST, HashingCost
from userapi.tokens.keys.signing import Algorithm
from userapi.kit.variables import VariableReader
from userapi.rate_limit_settings import RateLimitSettings, read_rate_limits
from userapi.secret_settings import complete_secrets, read_secrets

_CHEAPEST_COST = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# No *, brackets or the like: Flask-CORS takes what has them for a regular expression.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_CLOCK_LEEWAY = timedelta(seconds=5)
_ONE_DAY = 24 * 3600


class Environment(StrEnum):
    """What the service runs for; `FLASK_ENV` names it."""

    DEVELOPMENT = "development"
    TESTING = "testing"
    PRODUCTION = "production"


class SettingsError(click.ClickException):
    """The environment is not fit to start with; `problems` has one sentence per mistake.

    Every command shows it without a traceback.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The settings are not valid:\n" + "\n".join(f"  {p}" for p in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be configured; times are durations, sizes are bytes."""

    environment: Environment
    instance_path: Path
    secret_key: str = field(repr=False)
    jwt_secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    database_pool_size: int
    cors_origins: tuple[str, ...]
    host: str
    port: int
    web_concurrency: int
    web_threads: int
    log_level: str
    sql_echo: bool
    debug: bool
    max_content_length: int
    jwt_algorithm: Algorithm
    jwt_keys_dir: Path | None
    jwks_max_age: int
    jwt_issuer: str
    jwt_audience: str
    token_leeway: timedelta
    access_token_lifetime: timedelta
    refresh_token_lifetime: timedelta
    session_idle_lifetime: timedelta
    refresh_grace: timedelta
    hashing_cost: HashingCost
    audit_origin_retention: timedelta
    device_token_lifetime: timedelta
    trusted_proxies: int
    rate_limits: RateLimitSettings

    @property
    def is_production(self) -> bool:
        """Whether the service runs for real."""
        return self.environment is Environment.PRODUCTION

    @property
    def is_testing(self) -> bool:
        """Whether the service runs under tests."""
        return self.environment is Environment.TESTING

    def flask_config(self) -> dict[str, Any]:
        """Return what `app.config` is filled with."""
        return {
            "DEBUG": self.debug,
            "TESTING": self.is_testing,
            "SECRET_KEY": self.secret_key,
            "MAX_CONTENT_LENGTH": self.max_content_length,
            "MAX_FORM_MEMORY_SIZE": self.max_content_length,
            # No response sets a cookie; should one ever, it is a safe one.
            "SESSION_COOKIE_SECURE": self.is_production,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Strict",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self.engine_options(),
            "SQLALCHEMY_ECHO": self.sql_echo,
            "JWT_SECRET_KEY": self.jwt_secret_key,
            "JWT_ALGORITHM": self.jwt_algorithm,
            "JWT_TOKEN_LOCATION": ["headers"],
            "JWT_COOKIE_SECURE": self.is_production,
            "JWT_COOKIE_CSRF_PROTECT": False,
            "JWT_ACCESS_TOKEN_EXPIRES": self.access_token_lifetime,
            "JWT_REFRESH_TOKEN_EXPIRES": self.refresh_token_lifetime,
            "JWT_ENCODE_ISSUER": self.jwt_issuer,
            "JWT_ENCODE_AUDIENCE": self.jwt_audience,
        }

    def engine_options(self) -> dict[str, Any]:
        """Return with which options an engine on the database is made."""
        options: dict[str, Any] = {
            "pool_pre_ping": True,
            "pool_recycle": 300,
            "pool_size": self.database_pool_size,
            "max_overflow": self.database_pool_size,
            "pool_timeout": 10,
            "hide_parameters": True,
        }
        if self.database_url.startswith("sqlite"):
            options["connect_args"] = {"timeout": 15}
        else:
            options["connect_args"] = {"connect_timeout": 5, "application_name": "userapi"}
        return options


def load_settings(name: str | None = None, variables: Mapping[str, str] | None = None) -> Settings:
    """Read the settings for the environment `name`; without one `FLASK_ENV` names it.

    `variables` replaces the process's environment and the `.env` file. Raises
    `SettingsError` with every problem that was found.
    """
    if variables is None:
        in_file = {key: value or "" for key, value in dotenv_values(".env").items()}
        variables = {**in_file, **os.environ}
    reader = VariableReader(variables)
    environment = _environment(reader, name)
    instance_path = Path(reader.text("INSTANCE_PATH", "instance")).absolute()
    database_url = _database_url(reader, environment, instance_path)
    rest = _server_settings(reader, environment) | _token_settings(reader, environment)
    given_secrets = read_secrets(
        reader,
        is_production=environment is Environment.PRODUCTION,
        signs_with_secret=not rest["jwt_algorithm"].has_key_ring,
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    with _instance_problems(instance_path):
        if database_url.startswith(f"sqlite:///{instance_path}/"):
            instance_path.mkdir(parents=True, exist_ok=True)
        keeps_secrets = environment is Environment.DEVELOPMENT
        secret_key, jwt_secret_key = complete_secrets(
            given_secrets, instance_path if keeps_secrets else None
        )
    return Settings(
        environment=environment,
        instance_path=instance_path,
        database_url=database_url,
        secret_key=secret_key,
        jwt_secret_key=jwt_secret_key,
        **rest,
    )


def _server_settings(reader: VariableReader, environment: Environment) -> dict[str, Any]:
    is_production = environment is Environment.PRODUCTION
    is_testing = environment is Environment.TESTING
    return {
        "database_pool_size": reader.integer("DATABASE_POOL_SIZE", 5, minimum=1, maximum=100),
        "cors_origins": _cors_origins(reader, is_production=is_production),
        "host": reader.text("HOST", "127.0.0.1"),
        "port": reader.integer("PORT", 5000, minimum=1, maximum=65_535),
        "web_concurrency": reader.integer("WEB_CONCURRENCY", 2, minimum=1, maximum=64),
        "web_threads": reader.integer("WEB_THREADS", 4, minimum=1, maximum=64),
        "log_level": reader.choice("LOG_LEVEL", "INFO", _LOG_LEVELS),
        "sql_echo": reader.boolean("SQL_ECHO", default=False),
        "debug": _debug(reader, is_production=is_production),
        "max_content_length": reader.integer(
            "MAX_CONTENT_LENGTH", 2**20, minimum=2**10, maximum=2**30
        ),
        "audit_origin_retention": timedelta(
            days=reader.integer("AUDIT_ORIGIN_RETENTION_DAYS", 90, minimum=1, maximum=3650)
        ),
        "trusted_proxies": reader.integer("TRUSTED_PROXIES", 0, minimum=0, maximum=10),
        "rate_limits": read_rate_limits(reader, is_production=is_production, is_testing=is_testing),
    }


def _token_settings(reader: VariableReader, environment: Environment) -> dict[str, Any]:
    is_testing = environment is Environment.TESTING
    access_seconds = 5 if is_testing else 3600
    return {
        "jwt_algorithm": Algorithm(reader.choice("JWT_ALGORITHM", "HS256", tuple(Algorithm))),
        "jwt_keys_dir": reader.folder("JWT_KEYS_DIR"),
        "jwks_max_age": reader.integer("JWKS_MAX_AGE", 300, minimum=1, maximum=_ONE_DAY),
        "jwt_issuer": reader.text("JWT_ISSUER", "userapi"),
        "jwt_audience": reader.text("JWT_AUDIENCE", "userapi"),
        # Hosts' clocks differ a little; under test every second counts.
        "token_leeway": timedelta() if is_testing else _CLOCK_LEEWAY,
        "access_token_lifetime": reader.seconds("JWT_ACCESS_TOKEN_EXPIRES", access_seconds),
        "refresh_token_lifetime": reader.seconds("JWT_REFRESH_TOKEN_EXPIRES", 30 * _ONE_DAY),
        "session_idle_lifetime": reader.seconds("SESSION_IDLE_EXPIRES", 7 * _ONE_DAY),
        "refresh_grace": timedelta(
            seconds=reader.integer("REFRESH_GRACE_SECONDS", 10, minimum=0, maximum=60)
        ),
        "device_token_lifetime": reader.seconds("DEVICE_TOKEN_EXPIRES", 90 * _ONE_DAY),
        "hashing_cost": _CHEAPEST_COST if is_testing else STANDARD_COST,
    }


def _environment(reader: VariableReader, name: str | None) -> Environment:
    wanted = name or reader.text("FLASK_ENV", Environment.DEVELOPMENT)
    try:
        return Environment(wanted)
    except ValueError:
        reader.complain("FLASK_ENV", f"must be one of {', '.join(Environment)}")
        return Environment.DEVELOPMENT


def _debug(reader: VariableReader, *, is_production: bool) -> bool:
    debug = reader.boolean("FLASK_DEBUG", default=False)
    if debug and is_production:
        reader.complain("FLASK_DEBUG", "must be off in production")
    return debug


def _cors_origins(reader: VariableReader, *, is_production: bool) -> tuple[str, ...]:
    text = reader.text("CORS_ORIGINS", "" if is_production else "*")
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    if is_production and "*" in origins:
        reader.complain("CORS_ORIGINS", "must name each origin in production, not *")
    elif not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins):
        reader.complain(
            "CORS_ORIGINS", "must be * or origins such as https://app.example.com, with commas"
        )
    return origins


def _database_url(reader: VariableReader, environment: Environment, instance_path: Path) -> str:
    name = "TEST_DATABASE_URL" if environment is Environment.TESTING else "DATABASE_URL"
    text = reader.text(name)
    if not text:
        if environment is Environment.PRODUCTION:
            reader.complain(name, "must be set in production, to postgresql://user@host/database")
        return f"sqlite:///{instance_path / environment}.sqlite3"
    url = usable_url(text)
    if url is None:
        reader.complain(
            name, "must be postgresql://user:password@host/database or sqlite:////path/to/file"
        )
    return url or ""


@contextlib.contextmanager
def _instance_problems(instance_path: Path) -> Iterator[None]:
    """Report what is wrong with the instance folder as problems of the settings."""
    try:
        yield
    except OSError as error:
        mend = f"{instance_path} must be a folder that can be written to: {error.strerror}"
        raise SettingsError([f"INSTANCE_PATH: {mend}"]) from error
    except ValueError as error:
        raise SettingsError([f"SECRET_KEY: {error}; delete it, and a new one is made"]) from error
