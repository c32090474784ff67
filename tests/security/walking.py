"""Calls of every operation there is, made from what the document says of it."""

import uuid
from collections import defaultdict
from functools import cached_property
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contract.operations import Operation
from support.accounts import Account, Headers, Login, open_login
from support.rows import UNKNOWN_ID

SAFE = {"GET", "HEAD"}
_UNKNOWN_IMPORT = uuid.UUID(int=0)
_JSON = "application/json"
_ENDING = {"reset_user_password", "set_user_email"}
"""What would end all logins of the user whom the path names; it is called for nobody."""


def example_of(operation: Operation) -> Any:
    """Return a body that the operation accepts; None when it takes none."""
    media = operation.facts.get("requestBody", {}).get("content", {}).get(_JSON, {})
    named = [example["value"] for example in media.get("examples", {}).values()]
    return media.get("example", named[0] if named else None)


def fields_of(operation: Operation, document: dict[str, Any]) -> dict[str, Any]:
    """Return what the operation's body may have: what is said of each field, by its name."""
    media = operation.facts.get("requestBody", {}).get("content", {}).get(_JSON)
    if media is None:
        return {}
    name = media["schema"]["$ref"].rpartition("/")[2]
    fields: dict[str, Any] = document["components"]["schemas"][name]["properties"]
    return fields


def query_of(operation: Operation) -> list[str]:
    """Return the names of the operation's query parameters."""
    given = operation.facts.get("parameters", [])
    return [parameter["name"] for parameter in given if parameter.get("in") == "query"]


def is_open(operation: Operation) -> bool:
    """Say whether the operation asks for no token."""
    return not operation.facts["security"]


class Walker:
    """A user who calls operations; each that changes something has a login of its own."""

    def __init__(self, client: FlaskClient, account: Account) -> None:
        self._client = client
        self._account = account

    def call(
        self, operation: Operation, *, shares_login: bool = False, **request: Any
    ) -> TestResponse:
        """Call the operation with the token it asks for; in its path stand the caller's own.

        With `shares_login` it is called from the login that reads.
        """
        user_id = UNKNOWN_ID if operation.name in _ENDING else self._account.id
        path = operation.path.format_map(
            defaultdict(lambda: "1", user_id=str(user_id), import_id=str(_UNKNOWN_IMPORT))
        )
        is_reading = operation.method in SAFE or shares_login
        headers = self._headers_for(operation, is_reading=is_reading) | request.pop("headers", {})
        method = request.pop("method", operation.method)
        return self._client.open(path, method=method, headers=headers, **request)

    def _headers_for(self, operation: Operation, *, is_reading: bool) -> Headers:
        if is_open(operation):
            return {}
        login = self._login if is_reading else open_login(self._client, self._account)
        return login.refresh if {"refreshAuth": []} in operation.facts["security"] else login.access

    @cached_property
    def _login(self) -> Login:
        return open_login(self._client, self._account)
