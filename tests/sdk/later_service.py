"""The real service, whose answers are those of a later version: the path names the mutation."""

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from sdk.mutations import MUTATIONS, Answer


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing."""


class LaterService:
    """WSGI: `/<mutation>/<path>` answers what `/<path>` does, mutated."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        _, name, rest = environ["PATH_INFO"].split("/", 2)
        inner = {**environ, "PATH_INFO": f"/{rest}"}
        chunks, status, headers = run_wsgi_app(self._app.wsgi_app, inner, buffered=True)
        text = b"".join(chunks)
        answer = Answer(int(status.split()[0]), dict(headers), json.loads(text) if text else None)
        MUTATIONS[name].change(answer)
        sent = json.dumps(answer.body).encode() if text else b""
        answer.headers["Content-Length"] = str(len(sent))
        told = HTTPStatus(answer.status)
        start_response(f"{told.value} {told.phrase}", list(answer.headers.items()))
        return [sent]


@contextlib.contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve on loopback until the block ends; yield the address."""
    server = make_server("127.0.0.1", 0, LaterService(app), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
