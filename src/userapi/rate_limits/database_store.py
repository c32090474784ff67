"""Rate limits counted in the service's own database.

A storage of the library `limits`, on an engine of its own: a hit never waits for a request's
connection, and commits by itself. Times are seconds since 1970 by the clock of the store, so
that hosts whose clocks differ agree on every window.
"""

from limits.storage import Storage
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Double,
    String,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from userapi.db.engine import STORE_FAILURES, reading
from userapi.kit.clock import utc_now
from userapi.rate_limits.models import RateLimitCount

_BATCH_SIZE = 100
_KEY = bindparam("of_key", type_=String())
_SECONDS: BindParameter[float] = bindparam("seconds", type_=Double())
_AMOUNT = bindparam("amount", type_=BigInteger())
# Seconds since 1970; the same moment wherever it stands in a statement.
_NOW: dict[str, ColumnElement[float]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double()),
    "postgresql": literal_column(
        "CAST(extract(epoch FROM statement_timestamp()) AS double precision)", Double()
    ),
}


class _Statements:
    """The statements on one kind of database, built once: building takes longer than running."""

    def __init__(self, dialect: str) -> None:
        now, is_this = _NOW[dialect], RateLimitCount.key == _KEY
        is_over = RateLimitCount.expires_at <= now
        insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
        self.count = (
            insert(RateLimitCount)
            .values(key=_KEY, hits=_AMOUNT, expires_at=now + _SECONDS)
            .on_conflict_do_update(
                index_elements=[RateLimitCount.key],
                set_={
                    "hits": case((is_over, _AMOUNT), else_=RateLimitCount.hits + _AMOUNT),
                    "expires_at": case((is_over, now + _SECONDS), else_=RateLimitCount.expires_at),
                },
            )
            .returning(RateLimitCount.hits)
        )
        self.hits = select(RateLimitCount.hits).where(is_this, ~is_over)
        self.seconds_left = select(RateLimitCount.expires_at - now).where(is_this)
        self.clear = delete(RateLimitCount).where(is_this)
        expired = (
            select(RateLimitCount.key)
            .where(is_over)
            .order_by(RateLimitCount.expires_at)
            .limit(_BATCH_SIZE)
            .with_for_update(skip_locked=True)
        )
        self.count_expired = select(func.count()).select_from(RateLimitCount).where(is_over)
        self.delete_expired = delete(RateLimitCount).where(RateLimitCount.key.in_(expired))


class DatabaseStorage(Storage):
    """Counts in the table `rate_limits`; each hit is one statement."""

    STORAGE_SCHEME = ["userapi"]  # noqa: RUF012 - the library's own way

    def __init__(
        self, uri: str | None = None, *, engine: Engine, wrap_exceptions: bool = False
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        # In autocommit: every hit is a single statement, which needs no transaction around it.
        self._engine = reading(engine)
        self._statements = _Statements(engine.dialect.name)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What the database raises when it cannot be used."""
        return STORE_FAILURES

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count hits, in a new window of `expiry` seconds if there is none; return the count."""
        values = {"of_key": key, "seconds": expiry, "amount": amount}
        with self._engine.connect() as connection:
            hits: int = connection.execute(self._statements.count, values).scalar_one()
            if hits == amount:  # a new window: none is opened without some being cleared away
                connection.execute(self._statements.delete_expired)
        return hits

    def get(self, key: str) -> int:
        """Return the count of the current window."""
        with self._engine.connect() as connection:
            return connection.scalar(self._statements.hits, {"of_key": key}) or 0

    def get_expiry(self, key: str) -> float:
        """Return when the current window ends, as a timestamp of this host's clock."""
        with self._engine.connect() as connection:
            seconds_left = connection.scalar(self._statements.seconds_left, {"of_key": key})
        return utc_now().timestamp() + max(0.0, seconds_left or 0.0)

    def check(self) -> bool:
        """Say whether the database answers."""
        try:
            with self._engine.connect() as connection:
                return connection.scalar(select(1)) == 1
        except STORE_FAILURES:
            return False

    def reset(self) -> int:
        """Delete every count; return how many there were."""
        with self._engine.connect() as connection:
            return connection.execute(delete(RateLimitCount)).rowcount

    def count_expired(self) -> int:
        """Return how many windows have ended."""
        with self._engine.connect() as connection:
            return connection.scalar(self._statements.count_expired) or 0

    def delete_expired(self) -> int:
        """Delete some windows that have ended; return how many."""
        with self._engine.connect() as connection:
            return connection.execute(self._statements.delete_expired).rowcount

    def clear(self, key: str) -> None:
        """Delete one count."""
        with self._engine.connect() as connection:
            connection.execute(self._statements.clear, {"of_key": key})
