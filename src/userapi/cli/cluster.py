"""Procrastinate for an application: imported only where the package is needed."""

from flask import Flask
from procrastinate import App

from userapi.cli.tracing import job_handlers_of
from userapi.config.database import DatabaseSettings
from userapi.config.settings import Settings
from userapi.db.urls import connection_arguments
from userapi.jobs.cluster import ClusterWorker, cluster_app
from userapi.outbox.settings import JobSettings
from userapi.web.services import provided


def cluster_app_of(app: Flask) -> App:
    """Return procrastinate's application for the jobs of `app`."""
    with app.app_context():
        settings = provided(Settings)
        return cluster_app(
            connection_arguments(settings.of(DatabaseSettings).url),
            job_handlers_of(app),
            app.app_context,
            settings.of(JobSettings).poll_interval,
        )


def cluster_worker_of(app: Flask) -> ClusterWorker:
    """Return what does the jobs of `app` in procrastinate's way."""
    return ClusterWorker(app=cluster_app_of(app))
