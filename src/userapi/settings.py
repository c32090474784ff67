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
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from userapi.kit.passwords import STANDARD_COST, HashingCost
from userapi.kit.secrets import kept_secrets, new_secret, weakness_of
from userapi.kit.signing import Algorithm
from userapi.kit.variables import VariableReader

_CHEAPEST_COST = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
_DRIVER = "postgresql+psycopg"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY")
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
    hashing_cost: HashingCost

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
            "SQLALCHEMY_ENGINE_OPTIONS": self._engine_options(),
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

    def _engine_options(self) -> dict[str, Any]:
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
    given_secrets = _given_secrets(reader, environment, rest["jwt_algorithm"])
    if reader.problems:
        raise SettingsError(reader.problems)
    with _instance_problems(instance_path):
        if database_url.startswith(f"sqlite:///{instance_path}/"):
            instance_path.mkdir(parents=True, exist_ok=True)
        secret_key, jwt_secret_key = _complete_secrets(given_secrets, environment, instance_path)
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
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is not None and url.drivername in ("postgres", "postgresql", _DRIVER):
        return url.set(drivername=_DRIVER).render_as_string(hide_password=False)
    # A database in memory would be another one for each process and connection.
    if (
        url is not None
        and url.drivername == "sqlite"
        and url.database not in (None, "", ":memory:")
    ):
        absolute = url.set(database=str(Path(str(url.database)).absolute()))
        return absolute.render_as_string(hide_password=False)
    reader.complain(
        name, "must be postgresql://user:password@host/database or sqlite:////path/to/file"
    )
    return ""


def _given_secrets(
    reader: VariableReader, environment: Environment, algorithm: Algorithm
) -> dict[str, str]:
    is_production = environment is Environment.PRODUCTION
    given = {name: reader.text(name) for name in _SECRETS}
    for name, secret in given.items():
        weakness = weakness_of(secret) if secret else "must be set in production"
        is_needed = name == "SECRET_KEY" or not algorithm.has_key_ring
        if weakness and (secret or (is_production and is_needed)):
            make_one = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            reader.complain(name, f"{weakness}; make one with: {make_one}")
    if is_production and given["SECRET_KEY"] and len(set(given.values())) == 1:
        reader.complain("JWT_SECRET_KEY", "must differ from SECRET_KEY")
    return given


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


def _complete_secrets(
    given: dict[str, str], environment: Environment, instance_path: Path
) -> tuple[str, str]:
    """Return SECRET_KEY and JWT_SECRET_KEY; those not given are made up outside production."""
    secret_key, jwt_secret_key = given["SECRET_KEY"], given["JWT_SECRET_KEY"]
    if environment is not Environment.DEVELOPMENT:
        return secret_key or new_secret(), jwt_secret_key or new_secret()
    if secret_key:
        return secret_key, jwt_secret_key or secret_key
    kept = kept_secrets(instance_path / "development-secrets.json", _SECRETS)
    return kept["SECRET_KEY"], jwt_secret_key or kept["JWT_SECRET_KEY"]
