"""Where rate limits are counted, as those see it who count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted in a window that still runs, and for how many seconds it does."""

    hits: int = 0
    seconds_left: float = 0.0


class RateLimitStore(Protocol):
    """Counts in windows of time, by its own clock, for all processes together.

    Where it cannot be reached its methods raise one of `STORE_FAILURES`, or `StorageError`.
    """

    def hit(self, key: str, seconds: int, amount: int = 1) -> Count:
        """Count so many hits at once; where no window runs, one of so many seconds begins."""
        ...

    def counts(self, keys: Sequence[str]) -> list[Count]:
        """Return what was counted for each of these keys, in their order."""
        ...

    def count_expired(self) -> int:
        """Return how many windows have ended and are stored still."""
        ...

    def delete_expired(self) -> int:
        """Delete some of those; return how many."""
        ...

    def dispose(self) -> None:
        """Close the connections."""
        ...
