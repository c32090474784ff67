"""A request with an idempotency key, and the answer that is stored."""

from collections.abc import Mapping
from dataclasses import dataclass


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
    """An answer that is stored: status, headers, text of the body."""

    status: int
    headers: Mapping[str, str]
    body: str
    is_replayed: bool = False
