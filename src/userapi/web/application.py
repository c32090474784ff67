"""Flask as this service needs it: without cookies' sessions, with nothing found out twice."""

import json
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Request, Response
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SessionInterface

_FUNCTIONS = 1_000
"""More than the hooks, views and handlers of an application."""

_OPTIONS = (
    orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)


class JSONWriter(DefaultJSONProvider):
    """Writes answers with orjson, fields as they come, and texts as UTF-8."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer; what orjson does not know is written as Flask would."""
        value = self._prepare_response_obj(args, kwargs)
        try:
            body = orjson.dumps(value, default=self.default, option=_OPTIONS)
        except TypeError:  # numbers beyond 64 bits, halves of characters
            body = f"{json.dumps(value, default=self.default)}\n".encode()
        return Response(body, mimetype=self.mimetype)


class _NoSessions(SessionInterface):
    """Keeps nothing in cookies."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Return a session that refuses to be used."""
        del request
        return self.make_null_session(app)

    def save_session(self, *_: Any) -> None:
        """Save nothing."""


class Application(Flask):
    """The service's Flask."""

    json_provider_class = JSONWriter
    session_interface = _NoSessions()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Flask looks at each hook of each request for being a coroutine.
        self.ensure_sync = lru_cache(_FUNCTIONS)(super().ensure_sync)  # type: ignore[method-assign]
