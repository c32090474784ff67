"""A server of the range protocol: up, slow, silent or lying."""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

BREACHED = "this was stolen elsewhere"


@dataclass
class BreachServer:
    """What the server answers, and what it was asked; `drips` sends a byte now and then."""

    url: str
    status: int = 200
    body: bytes = b""
    drips: bool = False
    paths: list[str] = field(default_factory=list)
    padding: list[str | None] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)


def digest_of(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def line_of(password: str, count: int = 3) -> bytes:
    """Return the line of an answer that tells of that password."""
    return f"{digest_of(password)[5:]}:{count}\r\n".encode()


@contextlib.contextmanager
def breach_server() -> Iterator[BreachServer]:
    """Run one that knows `BREACHED`, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.paths.append(self.path)
            state.padding.append(self.headers["Add-Padding"])
            state.traces.append(self.headers["traceparent"])
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self._send(state.body)

        def _send(self, body: bytes) -> None:
            if not state.drips:
                self.wfile.write(body)
                return
            for number in range(len(body)):
                self.wfile.write(body[number : number + 1])
                self.wfile.flush()
                if state.is_over.wait(0.05):
                    return

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = BreachServer(url=f"http://127.0.0.1:{server.server_port}/range/")
    state.body = line_of("somebody else's") + line_of(BREACHED) + line_of("made up", 0)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        state.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(condition: object, seconds: float = 5) -> bool:
    """Say whether a function comes to return something true in that time."""
    end = time.monotonic() + seconds
    assert callable(condition)
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
