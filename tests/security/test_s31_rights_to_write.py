"""S31: an operation that changes something asks for no right, or only for that to read."""

from contract.operations import Operation
from security.walking import SAFE, is_open

OPEN = {
    "forget_password",
    "login",
    "register",
    "resend_verification",
    "reset_password",
    "undo_email_change",
    "verify_email",
}
"""The operations that change something and that anybody may call."""


def test_s31_every_other_operation_that_changes_something_asks_for_a_token(
    operations: list[Operation],
) -> None:
    changing = {it.name for it in operations if it.method not in SAFE and is_open(it)}

    assert changing == OPEN


def test_s31_each_names_the_kind_of_token_that_it_takes(operations: list[Operation]) -> None:
    kinds = {
        it.name: [name for scheme in it.facts["security"] for name in scheme]
        for it in operations
        if it.method not in SAFE and not is_open(it)
    }

    by_refresh_token = {name for name, kind in kinds.items() if kind != ["bearerAuth"]}
    assert by_refresh_token == {"refresh", "logout"}
    assert kinds["refresh"] == ["refreshAuth"]
