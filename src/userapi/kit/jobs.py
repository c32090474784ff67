"""Work that is done later: what a job is handed, who does it, and how it fails for good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

JsonValue: TypeAlias = (
    str | int | float | bool | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None
)
"""What JSON can hold."""

Payload: TypeAlias = Mapping[str, JsonValue]
"""What a job is to know: ids, never a secret."""

KIND_LENGTH = 40
KEY_LENGTH = 200

DEFAULT_LEASE = timedelta(minutes=5)


class JobFailed(Exception):
    """The job is given up, without another attempt; the reason holds no secret."""


def does_nothing(_: Payload) -> None:
    """Do nothing about a job that was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandler:
    """What does the jobs of a kind.

    `run` is called with the payload, in an application context and outside of every transaction;
    it opens its own. A job may be run more than once. `JobFailed` gives it up, any other exception
    lets it be tried again later. `lease` is longer than `run` ever takes: when it is over, the job
    is another's. `given_up` is called, once or more often, with the payload of a job that will not
    be tried again. Without `is_kept` a job is deleted once it is done or given up: nobody can retry
    it. An hourly one runs once in an hour by itself, with an empty payload.
    """

    kind: str
    run: Callable[[Payload], None]
    given_up: Callable[[Payload], None] = does_nothing
    lease: timedelta = DEFAULT_LEASE
    is_hourly: bool = False
    is_kept: bool = True
