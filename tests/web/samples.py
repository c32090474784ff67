"""A request for each kind of answer that needs no database."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.accounts import Headers
from support.paths import LIVE, LOGIN, ME


@dataclass(frozen=True)
class Sample:
    """A request, and the status of its answer."""

    method: str
    path: str
    status: int
    parts: dict[str, Any] = field(default_factory=dict)

    def send(self, client: FlaskClient, headers: Headers | None = None) -> TestResponse:
        """Send the request; an answer of another status fails the test."""
        answer = client.open(
            self.path, method=self.method, headers=headers, buffered=True, **self.parts
        )
        assert answer.status_code == self.status
        return answer


_JSON = {"content_type": "application/json"}
SAMPLES = {
    "live": Sample("GET", LIVE, 200),
    "document": Sample("GET", "/openapi.json", 200),
    "document-as-yaml": Sample("GET", "/openapi.yaml", 200),
    "page": Sample("GET", "/docs", 200),
    "page-of-errors": Sample("GET", "/docs/errors", 200),
    "asset": Sample("GET", "/docs/assets/docs.js", 200),
    "options": Sample("OPTIONS", ME, 200),
    "no-body": Sample("POST", LOGIN, 400, _JSON),
    "no-token": Sample("GET", ME, 401),
    "no-path": Sample("GET", "/nowhere", 404),
    "no-method": Sample("PUT", ME, 405),
    "large-body": Sample("POST", LOGIN, 413, {"data": b" " * 2**21, **_JSON}),
    "other-body": Sample("POST", LOGIN, 415, {"content_type": "text/plain"}),
}
