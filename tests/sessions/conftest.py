import pytest
from flask.testing import FlaskClient

from support.accounts import Account, Login, open_login


@pytest.fixture
def login(client: FlaskClient, user: Account) -> Login:
    """A login of `user`."""
    return open_login(client, user)
