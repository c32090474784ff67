"""One authenticator for every kind of credential, with kinds of the tests' own."""

from dataclasses import dataclass

import pytest

from support.principals import principal_of
from userapi.authentication.service import BearerAuthenticator
from userapi.kit.errors import SessionEnded, TokenExpired, TokenInvalid, TokenMissing, TokenRefused
from userapi.kit.principal import Principal

PERSON, MACHINE = principal_of(7), principal_of(8)


@dataclass(frozen=True)
class OneToken:
    """Knows a single token, and another one that it refuses in a way of its own."""

    token: str
    principal: Principal
    refusal: TokenRefused

    def verify(self, token: str) -> Principal:
        """Return the caller behind the token."""
        if token == self.token:
            return self.principal
        if token == f"old-{self.token}":
            raise self.refusal
        raise TokenInvalid


@pytest.fixture
def authenticator() -> BearerAuthenticator:
    """An authenticator of two kinds of credentials."""
    return BearerAuthenticator(
        verifiers={
            "personAuth": OneToken("person", PERSON, TokenExpired()),
            "machineAuth": OneToken("machine", MACHINE, SessionEnded()),
        }
    )


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer    ", "person", "Basic person", "Bearerperson"],
)
def test_without_a_bearer_token_nobody_is_asked(
    authenticator: BearerAuthenticator, header: str | None
) -> None:
    with pytest.raises(TokenMissing):
        authenticator.authenticate(header, ["personAuth"])


@pytest.mark.parametrize("header", ["Bearer person", "bearer person", "BEARER   person  "])
def test_the_scheme_has_any_case_and_spaces_around_the_token(
    authenticator: BearerAuthenticator, header: str
) -> None:
    assert authenticator.authenticate(header, ["personAuth"]) is PERSON


@pytest.mark.parametrize("schemes", [["personAuth", "machineAuth"], ["machineAuth", "personAuth"]])
@pytest.mark.parametrize(("token", "caller"), [("person", PERSON), ("machine", MACHINE)])
def test_an_operation_may_take_several_credentials(
    authenticator: BearerAuthenticator, schemes: list[str], token: str, caller: Principal
) -> None:
    assert authenticator.authenticate(f"Bearer {token}", schemes) is caller


def test_a_credential_that_an_operation_does_not_take_is_refused(
    authenticator: BearerAuthenticator,
) -> None:
    with pytest.raises(TokenInvalid):
        authenticator.authenticate("Bearer machine", ["personAuth"])


def test_what_no_scheme_knows_is_refused(authenticator: BearerAuthenticator) -> None:
    with pytest.raises(TokenInvalid):
        authenticator.authenticate("Bearer stranger", ["personAuth", "machineAuth"])


@pytest.mark.parametrize("schemes", [["personAuth", "machineAuth"], ["machineAuth", "personAuth"]])
@pytest.mark.parametrize(
    ("token", "refusal"), [("old-person", TokenExpired), ("old-machine", SessionEnded)]
)
def test_the_scheme_that_knows_a_token_says_why_it_is_refused(
    authenticator: BearerAuthenticator,
    schemes: list[str],
    token: str,
    refusal: type[TokenRefused],
) -> None:
    with pytest.raises(refusal):
        authenticator.authenticate(f"Bearer {token}", schemes)
