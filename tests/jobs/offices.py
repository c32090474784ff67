"""Where jobs are left and done in tests: in the table of ours, or in those of procrastinate."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Protocol

from flask import Flask
from sqlalchemy import Engine, text

from support.applications import application, engine_of, settings_for_testing
from support.transactions import transaction_on
from userapi.cli.worker import worker_of
from userapi.container import Feature
from userapi.db.engine import reading
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.jobs import JobHandler, Payload
from userapi.outbox.service import Later
from userapi.outbox.settings import JobEngine
from userapi.outbox.store import ClusterTables
from userapi.web.services import provided


@dataclass
class Letters:
    """What is done with letters: they are remembered, after whatever a test wants first."""

    sent: list[Payload] = field(default_factory=list)
    given_up: list[Payload] = field(default_factory=list)
    before_sending: Callable[[], None] = field(default=lambda: None)

    def send(self, letter: Payload) -> None:
        """Do the job."""
        self.before_sending()
        self.sent.append(letter)

    def give_up(self, letter: Payload) -> None:
        """Remember that the job was given up."""
        self.given_up.append(letter)

    def feature(self) -> Feature:
        """Return a feature whose jobs are letters."""
        letter = JobHandler(kind="letter", run=self.send, given_up=self.give_up)
        postcard = replace(letter, kind="postcard", is_kept=False)
        return Feature(name="letters", jobs=(letter, postcard))


class Rows(Protocol):
    """What a test sees of the tables, and does to them."""

    waiting: str
    dead: str
    count: str
    make_due: str
    make_worn: str
    empty: tuple[str, ...]


class OurRows:
    """The table `jobs`."""

    waiting = (
        "SELECT key FROM jobs WHERE kind = 'letter' AND done_at IS NULL AND dead_at IS NULL "
        "ORDER BY key"
    )
    dead = "SELECT key FROM jobs WHERE kind = 'letter' AND dead_at IS NOT NULL ORDER BY key"
    count = "SELECT count(*) FROM jobs WHERE kind = :kind"
    make_due = "UPDATE jobs SET due_at = created_at WHERE kind = 'letter'"
    make_worn = "UPDATE jobs SET attempts = :attempts, due_at = created_at WHERE kind = 'letter'"
    empty: tuple[str, ...] = ("DELETE FROM jobs",)


class ClusterRows:
    """The tables of procrastinate."""

    waiting = (
        "SELECT split_part(queueing_lock, ':', 2) FROM procrastinate_jobs "
        "WHERE task_name = 'userapi.letter' AND status IN ('todo', 'doing') ORDER BY 1"
    )
    dead = (
        "SELECT split_part(queueing_lock, ':', 2) FROM procrastinate_jobs "
        "WHERE task_name = 'userapi.letter' AND status = 'failed' ORDER BY 1"
    )
    count = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'userapi.' || :kind"
    make_due = "UPDATE procrastinate_jobs SET scheduled_at = NULL"
    make_worn = "UPDATE procrastinate_jobs SET attempts = :attempts, scheduled_at = NULL"
    empty: tuple[str, ...] = (
        "DELETE FROM procrastinate_periodic_defers",
        "DELETE FROM procrastinate_jobs",
    )


@dataclass
class Office:
    """An application with letters to send."""

    app: Flask
    letters: Letters
    rows: Rows

    @property
    def engine(self) -> Engine:
        """The engine of its database."""
        return engine_of(self.app)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[tuple[UnitOfWork, Later]]:
        """Yield a transaction and what leaves jobs in it."""
        with self.app.app_context():
            session = self.app.extensions["sqlalchemy"].session
            with transaction_on(session) as tx:
                yield tx, provided(Later)

    def leave(self, *keys: str, due_in: timedelta | None = None) -> None:
        """Leave a letter for each key, and commit."""
        with self.transaction() as (tx, later):
            for key in keys:
                later.put("letter", key, {"letter": key}, due_in=due_in)
            tx.commit()

    def work(self) -> None:
        """Do all that is due."""
        worker_of(self.app).run(Event(), until_empty=True)

    def sent(self) -> list[object]:
        """Return which letters were sent, in their order."""
        return [letter["letter"] for letter in self.letters.sent]

    def waiting(self) -> list[str]:
        """Return the keys of the letters that wait."""
        return self._keys(self.rows.waiting)

    def dead(self) -> list[str]:
        """Return the keys of the letters that were given up."""
        return self._keys(self.rows.dead)

    def count(self, kind: str) -> int:
        """Return how many jobs of a kind there are, in whatever state."""
        with reading(self.engine).connect() as connection:
            counted = connection.execute(text(self.rows.count), {"kind": kind})
            return int(counted.scalar_one())

    def make_due(self) -> None:
        """Let all that wait be due."""
        self._execute(self.rows.make_due)

    def wear(self, attempts: int) -> None:
        """Let all that wait be due after so many attempts."""
        self._execute(self.rows.make_worn, attempts=attempts)

    def clear(self) -> None:
        """Forget everything."""
        self.letters.sent.clear()
        self.letters.given_up.clear()
        self.letters.before_sending = lambda: None
        for statement in self.rows.empty:
            self._execute(statement)

    def _keys(self, statement: str) -> list[str]:
        with reading(self.engine).connect() as connection:
            return list(connection.execute(text(statement)).scalars())

    def _execute(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


@contextlib.contextmanager
def office_on(url: str, folder: Path, engine: str) -> Iterator[Office]:
    """Yield an office on that database, whose jobs are kept by that engine."""
    letters = Letters()
    settings = settings_for_testing(url, folder, JOBS=engine)
    with application(settings, letters.feature()) as app:
        rows: Rows = OurRows()
        if engine == JobEngine.PROCRASTINATE:
            rows = ClusterRows()
            with app.app_context():
                provided(ClusterTables).create()
        yield Office(app, letters, rows)
