"""What is known of where a request comes from, whatever a client or a proxy sends."""

from typing import Any

import pytest
from flask import Flask

from userapi.audit.models import ADDRESS_LENGTH, USER_AGENT_LENGTH
from userapi.kit.origin import Origin
from userapi.web.origin import current_origin

pytestmark = pytest.mark.any_database

USUAL = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "Browser"}


@pytest.fixture
def bare_app() -> Flask:
    return Flask("bare")


def origin_of(app: Flask, **environ: Any) -> Origin:
    with app.test_request_context(environ_overrides={**USUAL, **environ}):
        return current_origin()


def test_a_request_has_an_address_and_a_user_agent(bare_app: Flask) -> None:
    origin = origin_of(bare_app)

    assert (origin.address, origin.user_agent) == ("192.0.2.1", "Browser")


def test_a_command_comes_from_nowhere() -> None:
    assert current_origin() == Origin()


@pytest.mark.parametrize("text", ["x" * 10_000, "\0" * 10_000, "\x80" * 10_000])
def test_whatever_is_sent_fits_the_columns(bare_app: Flask, text: str) -> None:
    origin = origin_of(bare_app, REMOTE_ADDR=text, HTTP_USER_AGENT=text)

    assert 0 < len(origin.address or "") <= ADDRESS_LENGTH
    assert 0 < len(origin.user_agent or "") <= USER_AGENT_LENGTH
    assert "\0" not in f"{origin.address}{origin.user_agent}"


def test_what_is_empty_is_unknown(bare_app: Flask) -> None:
    origin = origin_of(bare_app, REMOTE_ADDR="", HTTP_USER_AGENT="")

    assert (origin.address, origin.user_agent) == (None, None)
