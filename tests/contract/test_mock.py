"""Prism mocks the document: what a client is answered before there is a service."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract.operations import mistakes_in
from sdk.generating import TODAY
from support.node import node_tool
from support.processes import clean_environment, free_port, running

pytestmark = pytest.mark.system

ADA = {
    "email": "ada@example.com",
    "password": "correct horse battery",
    "first_name": "Ada",
    "last_name": "Lovelace",
}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of Prism, which answers by the document alone."""
    log = tmp_path_factory.mktemp("mock") / "prism.log"
    port = free_port()
    command = (node_tool("prism"), "mock", str(TODAY), "--host", "127.0.0.1", "--port", str(port))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        def is_ready() -> bool:
            try:
                return client.get("/health/live").is_success
            except httpx.TransportError:
                return False

        with running(*command, log=log, is_ready=is_ready, env=clean_environment(NO_COLOR="1")):
            yield client


def schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_a_registration_is_answered_with_a_user(
    mock: httpx.Client, document: dict[str, Any]
) -> None:
    answer = mock.post("/api/v1/users", json=ADA)

    assert answer.status_code == 201
    assert mistakes_in(answer.json(), schema("User"), document) == []
    assert answer.headers["Location"] == "/api/v1/users/7"


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/posts"])
@pytest.mark.parametrize("body", [{}, {**ADA, "nickname": "Countess"}, {**ADA, "email": "ada@"}])
def test_what_is_invalid_is_answered_as_the_service_answers_it(
    mock: httpx.Client, path: str, body: dict[str, str], document: dict[str, Any]
) -> None:
    answer = mock.post(path, json=body, headers={"Authorization": "Bearer token"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-input")
    assert mistakes_in(answer.json(), schema("Problem"), document) == []


def test_a_caller_without_a_token_is_refused(mock: httpx.Client) -> None:
    answer = mock.get("/api/v1/users/me")

    assert answer.status_code == 401
    assert answer.json()["code"].startswith(("session-", "token-"))
