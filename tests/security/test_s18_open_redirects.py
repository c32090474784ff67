"""S18: the service sends browsers wherever a request says.

As in CVE-2021-32618, CVE-2023-49438 and CVE-2021-32805.
"""

from typing import Any

import pytest
from flask.testing import FlaskClient

from contract.declared import CONTRACTS
from contract.operations import Operation
from security.walking import fields_of

pytestmark = pytest.mark.any_database

ELSEWHERE = ("//evil.example", "/\\evil.example", "/%09/evil.example", "/%5Cevil.example", "/@evil")


def test_s18_no_operation_answers_with_a_redirect(operations: list[Operation]) -> None:
    redirecting = [
        f"{operation.name} {status}"
        for operation in operations
        for status in operation.facts["responses"]
        if status.startswith("3") and status != "304"
    ]

    assert redirecting == []


def test_s18_nothing_that_comes_in_is_a_url(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    fields = {
        (operation.name, name): facts.get("format", "")
        for operation in operations
        for name, facts in fields_of(operation, document).items()
    }
    declared = {(call, name) for it in CONTRACTS.values() for call in it.calls for name in it.urls}

    assert fields["login", "email"] == "email"
    found = {key for key, form in fields.items() if "uri" in form or "url" in key[1]}
    assert found - declared == set(), (
        "does the service never fetch it, nor redirect to it? Then name it in `urls` of "
        "tests/<feature>/contract.py"
    )


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("before", ["", "/docs", "/api/v1/users"])
def test_s18_no_path_is_redirected(client: FlaskClient, before: str, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": f"{before}{path}"})

    assert "Location" not in answer.headers
    assert answer.status_code == 404
