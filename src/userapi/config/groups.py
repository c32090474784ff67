"""The groups of settings that belong to no feature."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Self

from userapi.config.database import DatabaseSettings
from userapi.config.declarations import (
    choice,
    fixed,
    host,
    integer,
    seconds,
    settings_group,
)
from userapi.config.http import DocumentationSettings, HTTPSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Problem, Settings
from userapi.config.telemetry import TracingSettings
from userapi.kit.passwords import STANDARD_COST, HashingCost, HashingQueue


def available_processors() -> int:
    """Return how many processors this process may use; a container's quota is not seen."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_CHEAPEST_COST = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
_WAITING_FOR_EACH_SLOT = 16  # half a second of hashing


@settings_group("Server")
class ServerSettings:
    """What `userapi serve` listens on, and how many requests it works on at once."""

    host: str = host(
        "HOST",
        "0.0.0.0",  # noqa: S104 - an example
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
        default=8,
        minimum=1,
        maximum=64,
        help="How many threads each of these processes has.",
    )
    max_requests: int = integer(
        "WEB_MAX_REQUESTS",
        default=200_000,
        minimum=0,
        maximum=1_000_000_000,
        help="After how many requests each of these processes is replaced, and up to a tenth more; "
        "0: never.",
    )
    shutdown_delay: timedelta = seconds(
        "SHUTDOWN_DELAY_SECONDS",
        default=0,
        production=5,
        minimum=0,
        maximum=20,
        help="How long `userapi serve` goes on after SIGTERM, while `/health/ready` answers 503: "
        "load balancers can leave before it takes no more connections. All in all it has 30 "
        "seconds to end.",
    )


class LogFormat(StrEnum):
    """How the log is written."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


@settings_group("Logging")
class LoggingSettings:
    """What is logged, and how."""

    level: str = choice(
        "LOG_LEVEL",
        ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        default="INFO",
        help="From which level on the log is written; also gunicorn's level.",
    )
    format: LogFormat = choice(
        "LOG_FORMAT",
        LogFormat,
        default=LogFormat.AUTO,
        help="How the log is written: lines of text, or one JSON object a line; auto is text in a "
        "terminal and JSON elsewhere (docs/logging.md).",
    )

    @property
    def is_json(self) -> bool:
        """Whether each line is an object of JSON."""
        if self.format is LogFormat.AUTO:
            return not sys.stderr.isatty()
        return self.format is LogFormat.JSON


@settings_group("Passwords")
class PasswordSettings:
    """How expensive the hash of a password is, and how many are computed at once.

    No variable makes a hash cheaper. A flood of passwords must leave threads for other requests.
    """

    hashing_cost: HashingCost = fixed(default=STANDARD_COST, testing=_CHEAPEST_COST)
    slots: int = integer(
        "PASSWORD_HASHING_SLOTS",
        default=0,
        testing=64,
        minimum=0,
        maximum=64,
        help="How many passwords each process hashes at once; 0: as many as it has processors.",
    )
    waiting: int = integer(
        "PASSWORD_HASHING_WAITING",
        default=0,
        testing=1000,
        minimum=0,
        maximum=1000,
        help="How many others may wait for that in each process, in threads beside WEB_THREADS; "
        "0: 16 for each that is hashed at once. One more gets 503.",
    )
    timeout: timedelta = seconds(
        "PASSWORD_HASHING_TIMEOUT_SECONDS",
        default=4,
        minimum=1,
        maximum=30,
        help="How long they wait at most, in seconds; then they get 503.",
    )

    @property
    def hashing_queue(self) -> HashingQueue:
        """A new queue with these bounds."""
        return HashingQueue(slots=self.slots, waiting=self.waiting, timeout=self.timeout)

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what leaves no thread for other requests."""
        threads = settings.of(ServerSettings).threads
        if 1 < threads <= self.slots and not settings.is_testing:
            yield Problem(
                "PASSWORD_HASHING_SLOTS",
                f"must leave a thread for other requests: at most {threads - 1}, because "
                f"WEB_THREADS is {threads}",
            )

    def completed(self, settings: Settings) -> Self:
        """Return the group with the bounds that follow from processors, processes and threads."""
        server = settings.of(ServerSettings)
        share = max(1, available_processors() // server.processes)
        slots = self.slots or min(share, max(1, server.threads - 1))
        return replace(self, slots=slots, waiting=self.waiting or _WAITING_FOR_EACH_SLOT * slots)


CORE_GROUPS: tuple[type, ...] = (
    EnvironmentSettings,
    SecretSettings,
    DatabaseSettings,
    ServerSettings,
    HTTPSettings,
    DocumentationSettings,
    LoggingSettings,
    TracingSettings,
    PasswordSettings,
)
