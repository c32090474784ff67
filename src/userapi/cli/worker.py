"""`userapi worker`: does what was left for later."""

import contextlib
import signal
from collections.abc import Iterator
from threading import Event

import click
from flask import Flask
from flask.cli import ScriptInfo

from userapi.cli.tracing import job_handlers_of, start_tracing, stop_tracing
from userapi.command_line import with_error_handling
from userapi.config.settings import Settings
from userapi.db.migrations import Migrations
from userapi.jobs.service import JobQueue
from userapi.jobs.worker import JobWorker, Worker
from userapi.outbox.feature import ensure_tables
from userapi.outbox.settings import JobEngine, JobSettings
from userapi.web.services import provided


@click.command()
@click.option("--until-empty", is_flag=True, help="End when nothing is due.")
@with_error_handling
def worker(*, until_empty: bool) -> None:
    """Do what was left for later, such as sending mails.

    It goes on until SIGTERM or SIGINT, and then ends after the job at hand. As many as are wanted
    may run beside each other and beside `userapi serve`, which does the same by itself.
    """
    app = click.get_current_context().ensure_object(ScriptInfo).load_app()
    with app.app_context():
        provided(Migrations).ensure_current()
        ensure_tables()
    start_tracing(app)
    try:
        with stopped_by_signals() as stop:
            worker_of(app).run(stop, until_empty=until_empty)
    finally:
        stop_tracing(app)


def worker_of(app: Flask) -> JobWorker:
    """Return what does the jobs of an application."""
    with app.app_context():
        settings = provided(Settings).of(JobSettings)
        if settings.engine is JobEngine.PROCRASTINATE:
            from userapi.cli.cluster import cluster_worker_of  # noqa: PLC0415 - an extra

            return cluster_worker_of(app)
        return Worker(
            queue=provided(JobQueue),
            handlers=job_handlers_of(app),
            contexts=app.app_context,
            poll_interval=settings.poll_interval,
        )


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """Yield what is set when the process is told to end."""
    stop = Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(each, lambda *_: stop.set()) for each in signals]
    try:
        yield stop
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
