"""What a feature keeps that lets somebody in, and that a restored copy must not bring back."""

from collections.abc import Callable
from dataclasses import dataclass

from userapi.kit.batches import Report


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of one kind, whoever has them.

    `end` ends all there are, tells the report after each batch, and returns how many there were. It
    may be broken off, and called again.
    """

    name: str
    end: Callable[[Report], int]
