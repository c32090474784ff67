"""What the edge knows of authentication: which credentials there are, and who verifies them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from userapi.kit.principal import Principal

_PRACTICES = "It follows the practices of RFC8725."


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A kind of credential: its name in the document, and what the document says about it."""

    name: str
    definition: Mapping[str, Any]


def bearer_token(name: str, description: str) -> SecurityScheme:
    """Return the scheme of a signed token in the `Authorization` header.

    Such tokens are made and read as RFC 8725 asks: one algorithm, a type of their own, and
    issuer, audience and subject that are checked.
    """
    definition = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return SecurityScheme(name, {**definition, "description": f"{description} {_PRACTICES}"})


ACCESS_TOKEN = bearer_token("bearerAuth", "The access token of a login.")
"""The credential of every operation that names no other."""


class Authenticator(Protocol):
    """Finds out who is asking."""

    def authenticate(self, authorization: str | None, schemes: Sequence[str]) -> Principal:
        """Return the caller that an `Authorization` header proves, by one of these schemes.

        Raises `TokenMissing`, `TokenInvalid`, `TokenExpired` or `SessionEnded`.
        """
        ...
