"""Whatever a field of a body is sent, the answer is never 500: every operation of every feature."""

from typing import Any

import pytest

from contract.declared import CALLS
from contract.test_audit import Send, call, headers
from userapi.testing.checks import hostile_bodies

__all__ = ["call", "headers"]

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("name", [name for name, it in CALLS.items() if it.body is not None])
def test_a_hostile_body_is_no_fault_of_the_service(
    call: Send, subtests: pytest.Subtests, name: str
) -> None:
    for body in hostile_bodies(CALLS[name].body):
        with subtests.test(body=short(body)):
            assert call(name, json=body).status_code < 500, "see schemas.py of the feature"


def short(body: Any) -> str:
    return ascii(body)[:80]
