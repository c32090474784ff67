"""What the metrics bring."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from userapi.config.inherited import metrics_folder
from userapi.config.settings import Settings
from userapi.container import Feature
from userapi.db.pools import Engines, pool_load
from userapi.health.service import HealthService
from userapi.kit.errors import DomainError
from userapi.kit.passwords import PasswordHasher
from userapi.metrics.settings import MetricsSettings
from userapi.outbox.service import JobStore
from userapi.rate_limits.database_store import DatabaseStore
from userapi.rate_limits.store import RateLimitStore
from userapi.web.admission import operation_ids
from userapi.web.api import Api
from userapi.web.services import provided
from userapi.web.token_pages import add_token_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask
    from sqlalchemy import Engine

    from userapi.metrics.exposition import Exposition
    from userapi.metrics.probe import Findings
    from userapi.metrics.recorder import ProcessRecorder

PATH = "/metrics"


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Answer on the service's port where there is a token and no other port."""
    settings = parts[Settings].of(MetricsSettings)
    if settings.token and not settings.port:
        expose = partial(_expose, app)
        add_token_page(app, PATH, expose, token=settings.token)


def exposition_of(app: Flask) -> Exposition:
    """Return what tells the metrics of an application's processes."""
    from userapi.metrics.exposition import Exposition  # noqa: PLC0415 - nobody else needs it
    from userapi.metrics.probe import Probe  # noqa: PLC0415 - likewise

    with app.app_context():
        version = str(provided(Api).spec.version)
    return Exposition(folder=metrics_folder(), version=version, probe=Probe(partial(_ask, app)))


def recorder_of(app: Flask, slot: int) -> ProcessRecorder:
    """Return what records the process in that slot."""
    from userapi.metrics.instruments import Instruments  # noqa: PLC0415 - nobody else needs it
    from userapi.metrics.recorder import ProcessRecorder  # noqa: PLC0415 - likewise

    with app.app_context():
        return ProcessRecorder(
            Instruments(slot),
            names=operation_ids(app),
            pools={name: partial(pool_load, engine) for name, engine in _engines()},
            hashing=provided(PasswordHasher).queue_load,
        )


def _engines() -> Iterator[tuple[str, Engine]]:
    """Yield the engines of the current application, by what their connections are for."""
    engines, store = provided(Engines), provided(RateLimitStore)
    yield "main", engines.main
    if engines.replica is not None:
        yield "replica", engines.replica
    if isinstance(store, DatabaseStore):
        yield "rate_limits", store.engine


def _expose(app: Flask) -> tuple[bytes, str]:
    from userapi.metrics.exposition import CONTENT_TYPE  # noqa: PLC0415 - nobody else needs it

    if _EXPOSITION not in app.extensions:
        app.extensions[_EXPOSITION] = exposition_of(app)
    return app.extensions[_EXPOSITION].text(), CONTENT_TYPE


_EXPOSITION = "userapi_metrics"


def _ask(app: Flask) -> Findings:
    from userapi.metrics.probe import Findings  # noqa: PLC0415 - nobody else needs it

    with app.app_context():
        backlog = provided(JobStore).backlog_by_kind()
        try:
            provided(HealthService).checks()
        except DomainError:
            return Findings(is_ready=False, backlog=backlog)
        return Findings(is_ready=True, backlog=backlog)


FEATURE = Feature(name="metrics", init=init, pages=(PATH,), settings=(MetricsSettings,))
