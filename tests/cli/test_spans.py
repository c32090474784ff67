"""What of a span leaves the process, and what becomes of statements on SQLite."""

import time
from collections.abc import Iterator
from threading import Event

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from userapi.cli.spans import STOPPING_SECONDS, HarmlessExporter, StatementSpans, send_last_spans

pytestmark = pytest.mark.any_database

SECRET = "ada@example.com"


@pytest.fixture
def sent() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(sent: InMemorySpanExporter) -> Iterator[Tracer]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(HarmlessExporter(sent)))
    yield provider.get_tracer("test")
    provider.shutdown()


def only_one(sent: InMemorySpanExporter) -> ReadableSpan:
    (span,) = sent.get_finished_spans()
    assert SECRET not in span.to_json()
    return span


@pytest.mark.parametrize("name", ["http.target", "http.url", "url.query", "user.id", "unheard.of"])
def test_an_attribute_that_is_not_on_the_list_stays(
    tracer: Tracer, sent: InMemorySpanExporter, name: str
) -> None:
    told = {name: f"/?email={SECRET}", "http.route": "/users"}
    tracer.start_span("GET /users", kind=SpanKind.SERVER, attributes=told).end()

    assert dict(only_one(sent).attributes or {}) == {"http.route": "/users"}


@pytest.mark.parametrize("name", ["http.method", "http.request.method"])
def test_the_path_of_nothing_is_no_name(
    tracer: Tracer, sent: InMemorySpanExporter, name: str
) -> None:
    tracer.start_span(f"GET /{SECRET}", kind=SpanKind.SERVER, attributes={name: "GET"}).end()

    assert only_one(sent).name == "GET"


def test_of_an_error_only_its_kind_is_told(tracer: Tracer, sent: InMemorySpanExporter) -> None:
    message = f"Key (email)=({SECRET}) already exists"
    with pytest.raises(ValueError, match="exists"), tracer.start_as_current_span("job mail"):
        raise ValueError(message)

    span = only_one(sent)
    assert [dict(it.attributes or {}) for it in span.events] == [{"exception.type": "ValueError"}]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)


def test_a_statement_of_nothing_is_not_told(tracer: Tracer, sent: InMemorySpanExporter) -> None:
    tracer.start_span("SELECT", kind=SpanKind.CLIENT).end()

    assert sent.get_finished_spans() == ()


def test_a_statement_on_sqlite_is_below_what_asks(
    tracer: Tracer, sent: InMemorySpanExporter
) -> None:
    engine = create_engine("sqlite://")
    StatementSpans(tracer).listen_to(engine)
    with engine.connect() as connection, tracer.start_as_current_span("asking"):
        connection.execute(text("SELECT :email"), {"email": SECRET})
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT missing"))
    engine.dispose()

    good, bad, asking = sent.get_finished_spans()
    assert [good.name, bad.name] == ["SELECT", "SELECT"]
    assert dict(good.attributes or {}) == {"db.system": "sqlite", "db.statement": "SELECT ?"}
    assert (good.status.is_ok, bad.status.is_ok) == (True, False)
    assert asking.context is not None
    assert {it.parent.span_id for it in (good, bad) if it.parent} == {asking.context.span_id}
    assert SECRET not in good.to_json()


def test_the_last_spans_are_waited_for_within_a_time() -> None:
    is_over = Event()
    began = time.monotonic()

    send_last_spans(lambda: is_over.wait(60))

    taken = time.monotonic() - began
    is_over.set()
    assert STOPPING_SECONDS <= taken < 30
