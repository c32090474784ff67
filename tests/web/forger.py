"""Somebody who holds the service's key, and what comes of it."""

import base64
import hmac
import json
from typing import Any

import jwt
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.answers import assert_problem
from support.paths import ME, REFRESH
from support.tokens import claims_of

REMOVED = object()
"""The value of a claim or of a header's field that is left out."""
Facts = dict[str, Any]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def changed(facts: Facts, changes: Facts) -> Facts:
    return {name: value for name, value in (facts | changes).items() if value is not REMOVED}


class Forger:
    """Somebody who holds the service's key and a user's tokens."""

    def __init__(self, app: Flask, tokens: dict[str, str]) -> None:
        self.key: str = app.config["JWT_SECRET_KEY"]
        self.access = tokens["access_token"]
        self.refresh = tokens["refresh_token"]
        self.header: Facts = jwt.get_unverified_header(self.access)
        self.claims: Facts = claims_of(self.access)

    def sign(self, header: object, payload: object, digest: str = "sha256") -> str:
        """Sign anything: a value, which becomes JSON, or bytes."""
        parts = f"{encode(as_json(header))}.{encode(as_json(payload))}"
        return f"{parts}.{encode(hmac.digest(self.key.encode(), parts.encode(), digest))}"

    def token(self, claims: Facts | None = None, header: Facts | None = None) -> str:
        """Sign the user's access token with some claims and header fields changed."""
        return self.sign(changed(self.header, header or {}), changed(self.claims, claims or {}))


def ask(client: FlaskClient, authorization: str, path: str = ME) -> TestResponse:
    """Send a header's value as it is: the client would refuse some."""
    return client.open(
        path,
        method="POST" if path == REFRESH else "GET",
        environ_overrides={"HTTP_AUTHORIZATION": authorization},
    )


def assert_refused(answer: TestResponse, code: str) -> None:
    document = assert_problem(answer, 401, code)
    challenge = 'Bearer realm="userapi"'
    if code != "token-missing":
        title = document["title"]
        challenge += f', error="invalid_token", error_description="{title}"'
    assert answer.headers.getlist("WWW-Authenticate") == [challenge]
