"""For how long migrations wait, and last."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MigrationLimits:
    """For how many seconds migrations wait and last; 0 is no limit.

    `lock`: one statement for its locks, each time; `statement`: one statement in all, but for those
    that run outside transactions and let others work; `turn`: for another process that migrates.
    """

    lock: float = 4
    statement: float = 5
    turn: float = 300

    def as_sql(self) -> tuple[str, ...]:
        """Return what sets the limits of a session on PostgreSQL, in the place of the service's."""
        return (
            f"SET lock_timeout = '{self.lock:g}s'",
            "SET statement_timeout = 0",
            "SET idle_in_transaction_session_timeout = 0",
        )
