"""One attempt at a job, and what comes of it; whichever engine brings the job."""

import logging
import traceback
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from userapi.jobs.retries import MAX_ATTEMPTS
from userapi.kit.jobs import JobFailed, JobHandler, Payload
from userapi.kit.tracing import in_trace_of

_log = logging.getLogger(__name__)


class End(Enum):
    """How an attempt ends."""

    DONE = "done"
    AGAIN = "again"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and why; the reason is short and has nothing of the payload."""

    end: End
    error: str | None = None


def attempt(handler: JobHandler, payload: Payload, attempts: int) -> Outcome:
    """Run the job for the so-manieth time, in the trace of its cause; log what goes wrong.

    A job with which no worker came to an end is not run again for ever; only an hourly one is.
    """
    with in_trace_of(payload) as given:
        return _attempt(handler, given, attempts)


def _attempt(handler: JobHandler, payload: Payload, attempts: int) -> Outcome:
    if attempts > MAX_ATTEMPTS and not handler.is_hourly:
        outcome = Outcome(End.DEAD, "no worker came to an end with it")
    else:
        outcome = _outcome_of_run(handler, payload, attempts)
    if outcome.end is End.DONE:
        return outcome
    if outcome.end is End.DEAD:
        outcome = _given_up(handler, payload, attempts, outcome)
    _log.log(
        logging.ERROR if outcome.end is End.DEAD else logging.WARNING,
        "a job of the kind %s failed (attempt %d, %s): %s",
        handler.kind,
        attempts,
        "given up" if outcome.end is End.DEAD else "to be tried again",
        outcome.error,
    )
    if outcome.end is End.DEAD and not handler.is_kept:
        return Outcome(End.DONE)  # there is no more to do, and nothing to look at
    return outcome


def _outcome_of_run(handler: JobHandler, payload: Payload, attempts: int) -> Outcome:
    try:
        handler.run(payload)
    except JobFailed as failure:
        return Outcome(End.DEAD, f"JobFailed: {failure}")
    except Exception as error:  # noqa: BLE001 - whatever a handler raises
        is_last = attempts >= MAX_ATTEMPTS and not handler.is_hourly
        return Outcome(End.DEAD if is_last else End.AGAIN, name_of(error))
    return Outcome(End.DONE)


def _given_up(handler: JobHandler, payload: Payload, attempts: int, outcome: Outcome) -> Outcome:
    try:
        handler.given_up(payload)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises
        end = End.AGAIN if attempts < MAX_ATTEMPTS else End.DEAD
        return Outcome(end, f"{outcome.error}; giving it up: {name_of(error)}")
    return outcome


def name_of(error: Exception) -> str:
    """Return the class of an error and where it was raised; its words may be anybody's."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(PurePath(place.filename).parts[-2:])
    return f"{type(error).__name__} at {file}:{place.lineno}"
