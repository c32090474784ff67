"""The log: one format for all that this process writes, whoever says it."""

import logging
from collections.abc import Mapping
from logging.config import dictConfig
from typing import Any

from flask import has_request_context, request

from userapi.kit.tracing import CURRENT_TRACE, Trace
from userapi.web.admission import OPERATION, PRINCIPAL
from userapi.web.edge import REQUEST_ID, TRACE, client_request_id, request_id
from userapi.web.log_lines import JSONFormatter, TextFormatter

_SERVICE = "userapi"
_SERVERS = ("gunicorn.error", "gunicorn.access")
_HANDLED = (_SERVICE, "alembic", "py.warnings", "sqlalchemy.engine.Engine", "werkzeug")
"""Who is written down here; all but the first would otherwise have a handler of their own."""

LogFormatter = TextFormatter | JSONFormatter


def init_logging(level: str, *, is_json: bool) -> None:
    """Send everything from `level` up to standard error, one line each.

    What libraries say is written from WARNING up, as long as nobody gives them a handler.
    """
    formatter = JSONFormatter(current_facts) if is_json else TextFormatter(current_facts)
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": lambda: formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "loggers": {
                name: {"handlers": ["stderr"], **({"level": level} if name == _SERVICE else {})}
                for name in _HANDLED
            },
        }
    )
    logging.captureWarnings(True)
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(formatter)
    # A server that has loaded the application began to log before it.
    for name in _SERVERS:
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler.formatter, LogFormatter):
                handler.setFormatter(formatter)


def log_formatter() -> LogFormatter:
    """Return what writes the log of this process; text where nobody has chosen yet."""
    for handler in logging.getLogger(_SERVICE).handlers:
        if isinstance(handler.formatter, LogFormatter):
            return handler.formatter
    return TextFormatter(current_facts)


def current_facts() -> Mapping[str, Any]:
    """Return what is known of the request or the job at hand; nothing outside of both."""
    if not has_request_context():
        return trace_facts(CURRENT_TRACE.get())
    name = request_id()
    theirs = client_request_id(request.headers.get(REQUEST_ID.name), name)
    facts = {"request_id": name, "client_request_id": theirs, **facts_of(request.environ)}
    return {name: value for name, value in facts.items() if value is not None}


def facts_of(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found out of a request until now."""
    facts: dict[str, Any] = {}
    operation, principal = environ.get(OPERATION), environ.get(PRINCIPAL)
    if operation is not None:
        facts["operation"] = operation.operation_id
    if principal is not None:
        facts["user_id"] = principal.user_id
        facts["session_id"] = principal.credential.session_id
    facts.update(trace_facts(environ.get(TRACE)))
    return facts


def trace_facts(trace: Trace | None) -> dict[str, str]:
    """Return what names a trace, and the span in it if that is one of ours."""
    if trace is None:
        return {}
    if trace.is_recorded:
        return {"trace_id": trace.trace_id, "span_id": trace.span_id}
    return {"trace_id": trace.trace_id}
