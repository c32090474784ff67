"""Callers of the lists of events."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.accounts import Headers
from support.paths import AUDIT_EVENTS

Search = Callable[..., TestResponse]
"""Sends a search with those parameters, by the admin; `address` is another list's."""


@pytest.fixture
def search(client: FlaskClient, admin_headers: Headers) -> Search:
    """Search as the admin, whose own login is in the trail too."""

    def search(address: str = AUDIT_EVENTS, **parameters: Any) -> TestResponse:
        return client.get(address, query_string=parameters or None, headers=admin_headers)

    return search
