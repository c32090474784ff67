"""S4: an issuer or audience that only resembles the right one is taken for it.

As in CVE-2024-53861.
"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from web.callers import cases
from web.forger import Forger, ask, assert_refused

pytestmark = pytest.mark.any_database

RESEMBLING: dict[str, Callable[[str], object]] = {
    "prefix": lambda right: right[:-1],
    "suffix": lambda right: right[1:],
    "first-letter": lambda right: right[0],
    "longer": lambda right: right + "x",
    "doubled": lambda right: right * 2,
    "blank-after": lambda right: right + " ",
    "line-break-after": lambda right: right + "\n",
    "nul-after": lambda right: right + "\0",
    "upper-case": lambda right: right.upper(),
    "look-alike": lambda right: right.replace("a", "\u0430"),
    "empty": lambda _: "",
    "list": lambda right: [right],
    "letters": list,
    "among-others": lambda right: ["elsewhere", right],
    "object": lambda right: {right: right},
    "true": lambda _: True,
}


@pytest.mark.parametrize("claim", ["iss", "aud"])
@cases(RESEMBLING)
def test_s04_what_resembles_the_right_name_is_refused(
    client: FlaskClient, forger: Forger, claim: str, case: Callable[[str], object]
) -> None:
    token = forger.token({claim: case(forger.claims[claim])})

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")
