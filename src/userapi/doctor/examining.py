"""Looking at everything at once, and not for long."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread

import click
from flask import Flask

from userapi.command_line import message_of
from userapi.config.settings import Problem
from userapi.kit.diagnoses import Diagnosis, Finding, Verdict, failed, not_checked

PATIENCE = timedelta(seconds=5)
"""How long a diagnosis may take."""

DATABASE = "database"
"""The name of the diagnosis without which others that ask the database tell nothing new."""

_ORDER = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found under one name, and how long that took, in seconds."""

    name: str
    findings: Sequence[Finding]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The gravest of all."""
        return max((one.verdict for one in self.findings), key=_ORDER.index)


def examine(
    app: Flask, diagnoses: Sequence[Diagnosis], problems: Sequence[Problem] = ()
) -> list[Examination]:
    """Make all diagnoses, and return what was found, in their order.

    The `problems` of the settings tell which cannot be made.
    """
    runs = [_Run(app, one, problems) for one in diagnoses]
    _finish([run for run in runs if not run.diagnosis.asks_database])
    is_silent = any(run.is_broken and run.diagnosis.name == DATABASE for run in runs)
    asking = [run for run in runs if run.diagnosis.asks_database]
    if is_silent:
        for run in asking:
            run.findings = [not_checked("the database cannot be asked")]
    else:
        _finish(asking)
    return list(_by_name(runs))


@dataclass
class _Run:
    """One diagnosis, in a thread of its own: what hangs must not keep the others."""

    app: Flask
    diagnosis: Diagnosis
    problems: Sequence[Problem]
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0
    is_broken: bool = False

    def start(self) -> Thread:
        thread = Thread(target=self._look, name=self.diagnosis.name, daemon=True)
        thread.start()
        return thread

    def end(self, thread: Thread, deadline: float) -> None:
        """Wait until then, and tell that it was too long."""
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            seconds = PATIENCE.total_seconds()
            self.seconds, self.is_broken = seconds, True
            told = f"no answer within {seconds:g} seconds"
            self.findings = [failed(told, "look whether what it asks is overloaded or blocked")]

    def _look(self) -> None:
        begun = time.monotonic()
        findings, is_broken = self._found()
        if not self.findings:  # nobody has given it up
            self.findings, self.is_broken = findings, is_broken
            self.seconds = time.monotonic() - begun

    def _found(self) -> tuple[list[Finding], bool]:
        wrong = [it.variable for it in self.problems if it.variable.startswith(self._needs)]
        if wrong:
            told = f"not to be told while {', '.join(wrong)} is not valid"
            return [failed(told, "run: userapi doctor --only configuration")], True
        found: list[Finding] = []
        try:
            with self.app.app_context():
                found.extend(self.diagnosis.look())
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            return [*found, finding_of(error)], True
        return found, False

    @property
    def _needs(self) -> tuple[str, ...]:
        return self.diagnosis.needs


def finding_of(error: Exception) -> Finding:
    """Return the failure that an error is, in its own words where those are for operators."""
    shown = error.message if isinstance(error, click.ClickException) else message_of(error)
    if shown is None:
        told = f"it ended with {type(error).__name__}"
        return failed(told, "this is no case that was thought of: report it")
    told, _, mend = " ".join(shown.split()).partition("; ")
    return failed(told, mend)


def _finish(runs: Sequence[_Run]) -> None:
    threads = [run.start() for run in runs]
    deadline = time.monotonic() + PATIENCE.total_seconds()
    for run, thread in zip(runs, threads, strict=True):
        run.end(thread, deadline)


def _by_name(runs: Iterable[_Run]) -> Iterator[Examination]:
    named: dict[str, list[_Run]] = {}
    for run in runs:
        named.setdefault(run.diagnosis.name, []).append(run)
    for name, same in named.items():
        findings = list(dict.fromkeys(one for run in same for one in run.findings))
        if findings:
            yield Examination(name, findings, max(run.seconds for run in same))
