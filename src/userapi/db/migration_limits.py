"""For how long migrations wait, and last."""

from dataclasses import dataclass

LOCK_SUFFIX = "-migrating"
"""How the file's name ends, beside an SQLite database, that whoever migrates it locks."""


@dataclass(frozen=True, kw_only=True)
class MigrationLimits:
    """For how many seconds migrations wait and last; 0 is no limit.

    `lock`: a statement for its locks, each time; `statement`: a statement that has them, unless it
    runs outside transactions and lets others work; `turn`: all of it for another that migrates.
    """

    lock: float = 4
    statement: float = 5
    turn: float = 300

    @property
    def whole_statement(self) -> float:
        """For how long a statement may run, with its wait for locks."""
        return self.lock + self.statement if self.statement else 0

    def as_sql(self) -> tuple[str, ...]:
        """Return what sets the limits of a session on PostgreSQL, in the place of the service's."""
        return (
            f"SET lock_timeout = '{self.lock:g}s'",
            "SET statement_timeout = 0",
            "SET idle_in_transaction_session_timeout = 0",
        )
