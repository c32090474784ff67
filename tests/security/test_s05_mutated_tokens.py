"""S5: a token that was cut, lengthened or altered is still valid.

As in CVE-2026-27840.
"""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from support.paths import ME, REFRESH
from web.forger import Forger, ask

pytestmark = pytest.mark.any_database

ADDED = ("A", "=", "==", ".", ".A", "A" * 100, "\0", "%00", "/", "+", "-", "_", "~", "!", "\xff")


def mutants_of(token: str) -> Iterator[str]:
    """Yield every beginning of the token, additions to it, and each of its characters changed."""
    yield from (token[:length] for length in range(1, len(token)))
    yield from (token[start:] for start in range(1, 20))
    yield from (token + added for added in ADDED)
    for place, character in enumerate(token):
        # One bit of each, and never of the blank that ends a scheme.
        changed = chr(ord(character) ^ 1 << place % 7)
        yield token[:place] + changed + token[place + 1 :]


@pytest.mark.parametrize("path", [ME, REFRESH])
def test_s05_no_mutant_of_a_token_is_accepted(
    client: FlaskClient, forger: Forger, path: str
) -> None:
    mutants = list(mutants_of(forger.access if path == ME else forger.refresh))

    answers = {ask(client, f"Bearer {mutant}", path).status_code for mutant in mutants}

    assert len(mutants) > 500
    assert answers == {401}
