"""Who attacks, and what there is to attack: the real application, on both databases."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contract.operations import Operation, operations_of
from security.walking import Walker
from support.accounts import Account, try_login
from web.forger import Forger


@pytest.fixture
def tokens(client: FlaskClient, user: Account) -> dict[str, str]:
    """What a login of `user` is answered with."""
    answered: dict[str, str] = try_login(client, user.email).get_json()
    return answered


@pytest.fixture
def forger(app: Flask, tokens: dict[str, str]) -> Forger:
    """Somebody who holds the service's key, and tokens of `user`."""
    return Forger(app, tokens)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    served: dict[str, Any] = client.get("/openapi.json").get_json()
    return served


@pytest.fixture
def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation of the document."""
    return list(operations_of(document))


@pytest.fixture
def walker(client: FlaskClient, admin_user: Account) -> Walker:
    """An administrator who calls one operation after the other."""
    return Walker(client, admin_user)
