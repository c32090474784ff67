"""Callers of the service who may do everything, and what they send."""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from posts.samples import DRAFT, POSTS
from support.accounts import REGISTRATION, Headers
from support.paths import LOGIN, USERS

Body = dict[str, Any]
Operation = tuple[str, str, Body]
"""An operation that takes a body: its method, its path, and a body that it accepts."""
Field = tuple[Operation, str]
"""A field of an operation's body: the operation, and the field's name."""

PROFILE = f"{USERS}/{{user_id}}"
POST = f"{POSTS}/{{post_id}}"
LISTS = (USERS, POSTS, f"{PROFILE}/posts")
JSON = "application/json"

REGISTER = ("POST", USERS, REGISTRATION)
LOG_IN = ("POST", LOGIN, {name: REGISTRATION[name] for name in ("email", "password")})
UPDATE_USER = ("PATCH", PROFILE, {"first_name": "Augusta"})
CREATE_POST = ("POST", POSTS, DRAFT)
UPDATE_POST = ("PATCH", POST, {"title": "Title"})
WRITING = {
    "register": REGISTER,
    "log-in": LOG_IN,
    "update-user": UPDATE_USER,
    "create-post": CREATE_POST,
    "update-post": UPDATE_POST,
}
writing = pytest.mark.parametrize("operation", WRITING.values(), ids=WRITING)


def cases(table: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Make a test of each entry, named by its key."""
    return pytest.mark.parametrize("case", table.values(), ids=table)


def each_of(table: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a subtest of each entry, named by its key: for cases that leave nothing behind.

    The test gets its entry as `case`; all of them share its fixtures, which cost more than they do.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function)
        others = [it for name, it in signature.parameters.items() if name != "case"]
        added = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)

        @wraps(function)
        def run(*, subtests: pytest.Subtests, **fixtures: Any) -> None:
            for name, case in table.items():
                with subtests.test(name):
                    function(case=case, **fixtures)

        run.__signature__ = signature.replace(  # type: ignore[attr-defined] # read by pytest
            parameters=[*others, added]
        )
        return run

    return decorate


class Caller:
    """An administrator with a post: no right is missing, only the input can be wrong.

    Paths may have `{user_id}` and `{post_id}` for the caller's own.
    """

    def __init__(self, client: FlaskClient, headers: Headers, user_id: int) -> None:
        self._client = client
        self._headers = headers
        self._user_id = user_id

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request as it is given."""
        headers = self._headers | request.pop("headers", {})
        path = path.replace("{user_id}", str(self._user_id))
        if "{post_id}" in path:
            path = path.replace("{post_id}", str(self._post_id))
        return self._client.open(path, method=method, headers=headers, **request)

    def write(self, operation: Operation, **changes: Any) -> TestResponse:
        """Send the operation's good body with some fields changed."""
        method, path, body = operation
        return self.send(method, path, json=body | changes)

    def send_raw(
        self, operation: Operation, body: bytes, content_type: str | None = JSON
    ) -> TestResponse:
        """Send these bytes as the operation's body."""
        method, path, _ = operation
        return self.send(method, path, data=body, content_type=content_type)

    @cached_property
    def _post_id(self) -> int:
        answer = self.write(CREATE_POST)
        post_id: int = answer.get_json()["id"]
        return post_id
