"""`userapi jobs`: what was given up, and the tables of procrastinate."""

import click
from flask.cli import AppGroup

from userapi.command_line import with_error_handling
from userapi.config.settings import Settings
from userapi.jobs.service import DeadJobs
from userapi.kit.clock import timestamp
from userapi.outbox.errors import NoClusterTables
from userapi.outbox.settings import JobEngine, JobSettings
from userapi.outbox.store import ClusterTables
from userapi.web.services import provided

jobs = AppGroup("jobs", help="See what workers have given up, and have it tried again.")


@jobs.command("list")
@with_error_handling
def list_jobs() -> None:
    """List the jobs that were given up, the newest first."""
    dead = provided(DeadJobs).list()
    for job in dead:
        why = job.last_error or ""
        when = timestamp(job.dead_at)
        click.echo(f"{job.id}  {when}  {job.kind}  {job.key}  {job.attempts}x  {why}".rstrip())
    if not dead:
        click.echo("No job was given up.")


@jobs.command()
@click.argument("job_id", metavar="ID")
@with_error_handling
def retry(job_id: str) -> None:
    """Have the job ID tried again, at once and from the start."""
    job = provided(DeadJobs).retry(job_id)
    click.echo(f"The job {job.kind} {job.key} will be tried again.")


@jobs.command("create-tables")
@with_error_handling
def create_tables() -> None:
    """Make the tables of procrastinate, for JOBS=procrastinate.

    That is for the owner of the tables. Where they are there already, nothing is done.
    """
    if provided(Settings).of(JobSettings).engine is not JobEngine.PROCRASTINATE:
        raise NoClusterTables
    made = provided(ClusterTables).create()
    click.echo(f"The tables of procrastinate {'were made' if made else 'are there already'}.")
