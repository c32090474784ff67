"""What is looked at to tell whether the service is well, and what was found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How something is; the later one of two is the one that counts."""

    NOT_CHECKED = "not checked"
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen, and what to do about it: each one line, and no secret in it."""

    verdict: Verdict
    told: str
    mend: str = ""


def ok(told: str) -> Finding:
    """Return what is as it should be."""
    return Finding(Verdict.OK, told)


def not_checked(told: str) -> Finding:
    """Return why nothing can be told."""
    return Finding(Verdict.NOT_CHECKED, told)


def warning(told: str, mend: str) -> Finding:
    """Return what works, and should not stay so."""
    return Finding(Verdict.WARNING, told, mend)


def failed(told: str, mend: str) -> Finding:
    """Return what does not work."""
    return Finding(Verdict.FAILED, told, mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Something to look at, in an application context and within a few seconds.

    It writes nothing. Findings of the same `name` are told together. Where one of the variables
    that begin like one of `needs` is not valid, or where it `asks_database` and that does not
    answer, it is left out. What it raises is a failure.
    """

    name: str
    look: Callable[[], Iterable[Finding]]
    needs: tuple[str, ...] = ()
    asks_database: bool = False
