"""What a request with an idempotency key is, and how it can be refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from userapi.kit.errors import DomainError, Kind


class IdempotencyKeyReused(DomainError):
    """The key was used for another body."""

    kind = Kind.UNPROCESSABLE
    code = "idempotency-key-reused"
    title = "The idempotency key was used for something else"
    detail = "This key came with another body before; choose a new key for a new request."


class IdempotencyKeyInUse(DomainError):
    """The first request with the key is still running."""

    kind = Kind.CONFLICT
    code = "idempotency-key-in-use"
    title = "The first request with this idempotency key is still running"
    detail = "Its answer is not known yet; send the request again in a few seconds."


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an idempotency key.

    Two requests are the same when caller, operation and key are; `fingerprint` tells whether
    their bodies are equal, and nothing else about them.
    """

    caller: str
    operation: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is kept: status, headers, text of the body."""

    status: int
    headers: Mapping[str, str]
    body: str
    is_replayed: bool = False


class IdempotentRunner(Protocol):
    """Performs requests once."""

    def run(self, request: KeyedRequest, perform: Callable[[], Answer]) -> Answer:
        """Return what `perform` answers, or what it answered to the same request before.

        What `perform` commits and its answer become durable together, or not at all; when it
        raises, nothing is kept. Raises `IdempotencyKeyReused` or `IdempotencyKeyInUse`.
        """
        ...
