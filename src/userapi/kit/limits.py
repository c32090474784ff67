"""Limits on how often something may be tried, as the services see them."""

from typing import Protocol


class AttemptLimit(Protocol):
    """Counts attempts within a time, for all processes together."""

    def seconds_until_free(self) -> int:
        """Return for how many seconds nothing more may be tried; 0 when it may be now."""
        ...

    def count(self) -> None:
        """Count one attempt."""
        ...
