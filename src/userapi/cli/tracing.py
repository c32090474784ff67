"""Spans of what this process does, where the operator asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from userapi.config.settings import Settings
from userapi.config.telemetry import TracingSettings
from userapi.container import FeatureList
from userapi.web.services import provided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from userapi.cli.spans import Spans
    from userapi.kit.jobs import JobHandler

_SPANS = "userapi_spans"


def start_tracing(app: Flask) -> None:
    """Begin to record spans, if that is set; call it in the process that is to record them."""
    with app.app_context():
        settings = provided(Settings).of(TracingSettings)
    if settings.endpoint:
        from userapi.cli.spans import Spans  # noqa: PLC0415 - an extra

        app.extensions[_SPANS] = Spans(app, settings)


def stop_tracing(app: Flask) -> None:
    """Send what is left, as far as that goes at once, and record no more."""
    spans: Spans | None = app.extensions.pop(_SPANS, None)
    if spans is not None:
        spans.stop()


def job_handlers_of(app: Flask) -> Mapping[str, JobHandler]:
    """Return what does the jobs of `app`, by their kind, each recorded if that was begun."""
    with app.app_context():
        handlers = provided(FeatureList).job_handlers()
    spans: Spans | None = app.extensions.get(_SPANS)
    return handlers if spans is None else spans.of_jobs(handlers)
