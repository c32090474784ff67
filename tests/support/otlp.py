"""A receiver of spans by OTLP over HTTP, in whatever state it is."""

import contextlib
import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class SentSpan:
    """A span as it has arrived; the ids are hexadecimal."""

    name: str
    service: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    text: str


@dataclass
class Receiver:
    """What has arrived at the receiver; `hangs` answers nothing until the end."""

    url: str
    status: int = 200
    hangs: bool = False
    spans: list[SentSpan] = field(default_factory=list)
    asked: int = 0
    is_over: Event = field(default_factory=Event)

    def take(self, body: bytes) -> None:
        """Keep the spans of a request."""
        for told in ExportTraceServiceRequest.FromString(body).resource_spans:
            of_service = _values(told.resource.attributes)
            for scope in told.scope_spans:
                self.spans += [_read(span, str(of_service["service.name"])) for span in scope.spans]

    def wait_for(self, is_there: Callable[[list[SentSpan]], Any]) -> list[SentSpan]:
        """Return the spans once what is waited for has arrived."""
        end = time.monotonic() + 30
        while not is_there(self.spans) and time.monotonic() < end:
            time.sleep(0.05)
        assert is_there(self.spans), self.spans
        return self.spans


def _values(attributes: Any) -> dict[str, Any]:
    return {it.key: getattr(it.value, it.value.WhichOneof("value")) for it in attributes}


def _read(span: Any, service: str) -> SentSpan:
    return SentSpan(
        name=span.name,
        service=service,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
        text=str(span),
    )


@contextlib.contextmanager
def receiver_of_spans() -> Iterator[Receiver]:
    """Run one on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if state.hangs:
                state.is_over.wait()
                return
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            if state.status == 200:
                state.take(body)
            self.send_response(state.status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.is_over.set()
            server.shutdown()
            thread.join()
