"""OpenTelemetry for an application: imported only where the package is needed.

What the instrumentations record is cut down to what is known to be harmless before it leaves the
process: they tell of query strings, of addresses, and of what errors say.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.propagate import set_global_textmap
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import event

from userapi.kit.tracing import CURRENT_TRACE, Trace
from userapi.web.edge import TRACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flask import Flask
    from sqlalchemy import Engine

    from userapi.config.telemetry import TracingSettings
    from userapi.kit.jobs import JobHandler, Payload

STOPPING_SECONDS = 2
"""How long a process that ends waits for its last spans to be taken."""

_EXPORT_SECONDS = 5
_UNTRACED = "^[^?]*/health/(live|ready)$"
_ROUTE = "http.route"
_METHODS = ("http.method", "http.request.method")
_HARMLESS = frozenset(
    {
        *(_ROUTE, *_METHODS, "http.scheme", "url.scheme", "http.flavor"),
        *("http.status_code", "http.response.status_code", "error.type"),
        *("net.peer.name", "net.peer.port", "server.address", "server.port"),
        *("db.system", "db.system.name", "db.name", "db.namespace", "db.statement"),
        *("db.query.text", "db.operation.name", "messaging.destination.name"),
    }
)
"""Which attributes leave the process: none of them holds what a client sent."""


class Spans:
    """Records the requests, the statements and the jobs of an application in this process."""

    def __init__(self, app: Flask, settings: TracingSettings) -> None:
        named = {"service.name": settings.service_name, "service.version": version("userapi")}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{settings.endpoint}/v1/traces", timeout=_EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(HarmlessExporter(exporter)))
        self._tracer = self._provider.get_tracer("userapi")
        set_global_textmap(TraceContextTextMapPropagator())
        self._trace_requests(app)
        with app.app_context():
            engine: Engine = app.extensions["sqlalchemy"].engine
        if engine.dialect.name == "sqlite":
            StatementSpans(self._tracer).listen_to(engine)
        else:
            PsycopgInstrumentor().instrument(tracer_provider=self._provider)

    def _trace_requests(self, app: Flask) -> None:
        FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call] # the library is untyped
            app,
            request_hook=_enter_trace,
            tracer_provider=self._provider,
            excluded_urls=_UNTRACED,
            enable_commenter=False,
        )
        # It comes before our own hooks, which ask the database who is calling, and may refuse.
        hooks: list[Any] = app.before_request_funcs[None]
        hooks.insert(0, hooks.pop())

    def of_jobs(self, handlers: Mapping[str, JobHandler]) -> dict[str, JobHandler]:
        """Return handlers that do the same, each job in a span of the trace that caused it."""
        return {kind: self._of_job(handler) for kind, handler in handlers.items()}

    def _of_job(self, handler: JobHandler) -> JobHandler:
        name = f"job {handler.kind}"

        def run(payload: Payload) -> None:
            span = self._tracer.start_span(
                name,
                context=_context_of(CURRENT_TRACE.get()),
                kind=SpanKind.CONSUMER,
                attributes={"messaging.destination.name": handler.kind},
            )
            with trace.use_span(span, end_on_exit=True):
                CURRENT_TRACE.set(_trace_of(span))
                handler.run(payload)

        return replace(handler, run=run)

    def stop(self) -> None:
        """Send the last spans, as far as they are taken in time."""
        send_last_spans(self._provider.shutdown)


def send_last_spans(shutdown: Callable[[], object]) -> None:
    """Have that done for `STOPPING_SECONDS` at most; what is not taken then is lost."""
    sending = Thread(target=shutdown, name="last spans", daemon=True)
    sending.start()
    sending.join(STOPPING_SECONDS)


class StatementSpans:
    """Records the statements on an SQLite database, for whose driver there is nothing else."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def listen_to(self, engine: Engine) -> None:
        """Record what is sent from now on."""
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._fail)

    def _begin(self, _connection: Any, _cursor: Any, statement: str, *others: Any) -> None:
        context = others[1]
        if context is not None:
            context.userapi_span = self._tracer.start_span(
                statement.split(None, 1)[0],
                kind=SpanKind.CLIENT,
                attributes={"db.system": "sqlite", "db.statement": statement},
            )

    @staticmethod
    def _end(*arguments: Any) -> None:
        if (span := getattr(arguments[4], "userapi_span", None)) is not None:
            span.end()

    @staticmethod
    def _fail(failure: Any) -> None:
        span = getattr(failure.execution_context, "userapi_span", None)
        if span is not None:
            span.set_status(StatusCode.ERROR)
            span.end()


class HarmlessExporter(SpanExporter):
    """Hands on to another exporter what is known to be harmless of each span."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export the spans, but for statements of no request and no job: a look for jobs, say."""
        told = [span for span in spans if span.parent or span.kind is not SpanKind.CLIENT]
        return self._inner.export([_harmless(span) for span in told])

    def shutdown(self) -> None:
        """End, without another try."""
        self._inner.shutdown()


def _harmless(span: ReadableSpan) -> ReadableSpan:
    attributes = {name: it for name, it in (span.attributes or {}).items() if name in _HARMLESS}
    name = span.name
    if span.kind is SpanKind.SERVER and _ROUTE not in attributes:
        # The path of what there is nothing at is anybody's text.
        name = next((str(attributes[it]) for it in _METHODS if it in attributes), "HTTP")
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=list(_kinds_of_errors(span)),
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kinds_of_errors(span: ReadableSpan) -> Iterator[Event]:
    """Yield the exceptions without what they say, and where."""
    kind = "exception.type"
    for told in span.events:
        if kind in (told.attributes or {}):
            yield Event(told.name, {kind: (told.attributes or {})[kind]}, told.timestamp)


def _enter_trace(span: trace.Span, environ: dict[str, Any]) -> None:
    environ[TRACE] = _trace_of(span)


def _trace_of(span: trace.Span) -> Trace:
    context = span.get_span_context()
    return Trace(
        trace_id=f"{context.trace_id:032x}",
        span_id=f"{context.span_id:016x}",
        flags=f"{int(context.trace_flags):02x}",
        state=context.trace_state.to_header(),
        is_recorded=span.is_recording(),
    )


def _context_of(current: Trace | None) -> Any:
    """Return where a job's span begins: in the trace of what caused it, or in one of its own."""
    if current is None:
        return None
    return TraceContextTextMapPropagator().extract(current.headers())
