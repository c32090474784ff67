"""What is known of where a request comes from, whatever a client or a proxy sends."""

from typing import Any

import pytest
from flask import Flask

from userapi.audit.models import ADDRESS_LENGTH, USER_AGENT_LENGTH
from userapi.kit.client_info import ClientInfo
from userapi.web.edge import current_client_info

pytestmark = pytest.mark.any_database

USUAL = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "Browser"}


@pytest.fixture
def bare_app() -> Flask:
    return Flask("bare")


def client_info_of(app: Flask, **environ: Any) -> ClientInfo:
    with app.test_request_context(environ_overrides={**USUAL, **environ}):
        return current_client_info()


def test_a_request_has_an_address_and_a_user_agent(bare_app: Flask) -> None:
    client_info = client_info_of(bare_app)

    assert (client_info.address, client_info.user_agent) == ("192.0.2.1", "Browser")


def test_a_command_comes_from_nowhere() -> None:
    assert current_client_info() == ClientInfo()


@pytest.mark.parametrize("text", ["x" * 10_000, "\0" * 10_000, "\x80" * 10_000])
def test_whatever_is_sent_fits_the_columns(bare_app: Flask, text: str) -> None:
    client_info = client_info_of(bare_app, REMOTE_ADDR=text, HTTP_USER_AGENT=text)

    assert 0 < len(client_info.address or "") <= ADDRESS_LENGTH
    assert 0 < len(client_info.user_agent or "") <= USER_AGENT_LENGTH
    assert "\0" not in f"{client_info.address}{client_info.user_agent}"


def test_what_is_empty_is_unknown(bare_app: Flask) -> None:
    client_info = client_info_of(bare_app, REMOTE_ADDR="", HTTP_USER_AGENT="")

    assert (client_info.address, client_info.user_agent) == (None, None)
