import pytest
from flask.testing import FlaskClient

from support.accounts import Account
from web.callers import Caller, Headers


@pytest.fixture
def caller(client: FlaskClient, admin_user: Account, admin_headers: Headers) -> Caller:
    """A caller whose every mistake is in the input."""
    return Caller(client, admin_headers, admin_user.id)
