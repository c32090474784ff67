"""The groups of settings that belong to no feature."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Self

from userapi.config.declarations import (
    boolean,
    choice,
    database_url,
    fixed,
    integer,
    origins,
    seconds,
    settings_group,
    text,
)
from userapi.config.instance import EnvironmentSettings, folder_problems
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Problem, Settings
from userapi.config.variables import REQUIRED
from userapi.kit.files import make_private_folder
from userapi.kit.passwords import STANDARD_COST, HashingCost

_CHEAPEST_COST = HashingCost(time_cost=1, memory_cost=8, parallelism=1)


@settings_group("Database")
class DatabaseSettings:
    """The database and its connections; without a URL it is a file in the instance folder."""

    url: str = database_url(
        "DATABASE_URL",
        testing_variable="TEST_DATABASE_URL",
        production=REQUIRED,
        hint=", to postgresql://user@host/database",
        help="The database; an SQLite file in the instance folder if none is named.",
        in_compose=False,
    )
    pool_size: int = integer(
        "DATABASE_POOL_SIZE",
        default=5,
        minimum=1,
        maximum=100,
        help="How many connections each process keeps; it opens as many again when all are busy.",
    )
    echo: bool = boolean(
        "SQL_ECHO",
        default=False,
        help="Whether every SQL statement is logged, without its parameters.",
    )

    def completed(self, settings: Settings) -> Self:
        """Return the group with a database, and make the folder where it is ours."""
        folder = settings.of(EnvironmentSettings).instance_path
        url = self.url or f"sqlite:///{folder / settings.environment}.sqlite3"
        if url.startswith(f"sqlite:///{folder}/"):
            with folder_problems(folder):
                make_private_folder(folder)
        return replace(self, url=url)


@settings_group("Server")
class ServerSettings:
    """What `userapi serve` listens on, and how many requests it works on at once."""

    host: str = text(
        "HOST",
        default="127.0.0.1",
        help="The address that `userapi serve` listens on; 0.0.0.0 or :: for all.",
        in_compose=False,
    )
    port: int = integer(
        "PORT",
        default=5000,
        minimum=1,
        maximum=65_535,
        help="The port that `userapi serve` listens on.",
        in_compose=False,
    )
    processes: int = integer(
        "WEB_CONCURRENCY",
        default=2,
        minimum=1,
        maximum=64,
        help="How many processes `userapi serve` runs.",
    )
    threads: int = integer(
        "WEB_THREADS",
        default=4,
        minimum=1,
        maximum=64,
        help="How many threads each of these processes has.",
    )


@settings_group("HTTP")
class HTTPSettings:
    """What is taken from clients, browsers and proxies."""

    max_content_length: int = integer(
        "MAX_CONTENT_LENGTH",
        default=2**20,
        minimum=2**10,
        maximum=2**30,
        help="The largest body of a request, in bytes: a larger one gets 413.",
    )
    body_timeout: timedelta = seconds(
        "BODY_TIMEOUT_SECONDS",
        default=20,
        minimum=1,
        maximum=300,
        help="How long the whole body of a request may take to arrive, in seconds; a slower one "
        "gets 408.",
    )
    cors_origins: tuple[str, ...] = origins(
        "CORS_ORIGINS",
        default="*",
        production="",
        help="The web origins that browsers may call from; production refuses `*`.",
    )
    trusted_proxies: int = integer(
        "TRUSTED_PROXIES",
        default=0,
        minimum=0,
        maximum=10,
        help="How many proxies stand in front of the service, each adding to `X-Forwarded-For`.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what production refuses."""
        if settings.is_production and "*" in self.cors_origins:
            yield Problem("CORS_ORIGINS", "must name each origin in production, not *")


@settings_group("Logging")
class LoggingSettings:
    """What is logged."""

    level: str = choice(
        "LOG_LEVEL",
        ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        default="INFO",
        help="From which level on the log is written; also gunicorn's level.",
    )


@settings_group("Passwords")
class PasswordSettings:
    """How expensive the hash of a password is; no variable makes it cheaper."""

    hashing_cost: HashingCost = fixed(default=STANDARD_COST, testing=_CHEAPEST_COST)


CORE_GROUPS: tuple[type, ...] = (
    EnvironmentSettings,
    SecretSettings,
    DatabaseSettings,
    ServerSettings,
    HTTPSettings,
    LoggingSettings,
    PasswordSettings,
)
