"""A request with an idempotency key, and the answer that is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

RESOURCE_LENGTH = 200

_ANONYMOUS = "anonymous:"


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an idempotency key.

    Two requests are the same when caller, operation and key are; `fingerprint` tells whether
    their bodies are equal, and nothing else about them. `user_id` is the caller's, if it is
    signed in, and `email` the address that the body of anybody else names.
    """

    caller: str
    operation: str
    key: str
    fingerprint: str
    user_id: int | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is stored: status, headers, text of the body."""

    status: int
    headers: Mapping[str, str]
    body: str
    is_replayed: bool = False

    @property
    def resource(self) -> str | None:
        """What its `Location` names, without what stands before it: `posts/12`."""
        location = self.headers.get("Location")
        return None if location is None else resource_name(*location.split("/")[-2:])


WITHDRAWN = Answer(409, {}, "")
"""What is stored in the place of an answer that told of what has been deleted since."""


def resource_name(*parts: object) -> str:
    """Return the name under which answers about a resource are found."""
    return "/".join(str(part) for part in parts)[:RESOURCE_LENGTH]


def user_caller(user_id: int) -> str:
    """Return who calls, when it is that user, from whatever network."""
    return f"user:{user_id}"


def anonymous_caller(network: str) -> str:
    """Return who calls, when nobody is signed in; `network` is at most 22 characters."""
    return f"{_ANONYMOUS}{network}"
