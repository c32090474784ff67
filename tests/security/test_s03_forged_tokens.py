"""S3: a token that was signed with the right key for another purpose opens the service."""

import pytest
from flask.testing import FlaskClient

from support.paths import ME, REFRESH
from support.tokens import claims_of
from web.callers import cases
from web.forger import REMOVED, Facts, Forger, ask, assert_refused, changed

pytestmark = pytest.mark.any_database

FAR_FUTURE = 2**33
VARIANTS: dict[str, tuple[Facts, Facts]] = {
    "no-kind": ({"type": REMOVED}, {}),
    "kind-of-a-reset": ({"type": "reset"}, {}),
    "no-expiry": ({"exp": REMOVED}, {}),
    "no-token-id": ({"jti": REMOVED}, {}),
    "neither-expiry-nor-token-id": ({"exp": REMOVED, "jti": REMOVED}, {}),
    "no-issuer": ({"iss": REMOVED}, {}),
    "foreign-issuer": ({"iss": "elsewhere"}, {}),
    "no-audience": ({"aud": REMOVED}, {}),
    "foreign-audience": ({"aud": "elsewhere"}, {}),
    "no-session": ({"sid": REMOVED}, {}),
    "no-start": ({"nbf": REMOVED}, {}),
    "start-in-the-future": ({"nbf": FAR_FUTURE}, {}),
    "no-time-of-issue": ({"iat": REMOVED}, {}),
    "issued-in-the-future": ({"iat": FAR_FUTURE}, {}),
    "expiry-as-text": ({"exp": str(FAR_FUTURE)}, {}),
    "immense-expiry": ({"exp": 10**30}, {}),
    "subject-as-number": ({"sub": 1}, {}),
    "no-type": ({}, {"typ": REMOVED}),
    "any-type": ({}, {"typ": "JWT"}),
    "type-of-a-reset": ({}, {"typ": "reset+jwt"}),
    "any-key": ({}, {"kid": "../../dev/null"}),
}


def forged(forger: Forger, path: str, changes: tuple[Facts, Facts]) -> str:
    """Return the token that is taken at that path, signed with some claims and fields changed."""
    claims, header = changes
    is_access = path == ME
    token = forger.access if is_access else forger.refresh
    true_header = forger.header | {"typ": "at+jwt" if is_access else "rt+jwt"}
    return forger.sign(changed(true_header, header), changed(claims_of(token), claims))


@pytest.mark.parametrize("path", [ME, REFRESH])
@cases(VARIANTS)
def test_s03_a_forged_token_is_refused(
    client: FlaskClient, forger: Forger, case: tuple[Facts, Facts], path: str
) -> None:
    token = forged(forger, path, case)

    assert_refused(ask(client, f"Bearer {token}", path), "token-invalid")


@pytest.mark.parametrize("path", [ME, REFRESH])
def test_s03_a_token_signed_again_as_it_was_is_accepted(
    client: FlaskClient, forger: Forger, path: str
) -> None:
    token = forged(forger, path, ({}, {}))

    assert ask(client, f"Bearer {token}", path).status_code == 200
