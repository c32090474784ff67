"""Rate limits counted in the service's own database.

On an engine of its own: a hit never waits for a request's connection, and commits by itself. Times
are seconds since 1970 by the clock of the database, so that hosts whose clocks differ agree on
every window.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Double,
    String,
    bindparam,
    case,
    create_engine,
    delete,
    event,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from userapi.db.driver_reads import autocommit_reader
from userapi.db.engine import configure_engine, reading, transacting
from userapi.db.postgresql import Connector
from userapi.db.rows import AnySelect
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.store import Count

POOL_SIZE = 2
"""The connections of each process; a hit takes a millisecond, and waits for one if it must."""

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
        now = _NOW[dialect]
        is_over, seconds_left = RateLimitCount.expires_at <= now, RateLimitCount.expires_at - now
        insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
        self.hit = (
            insert(RateLimitCount)
            .values(key=_KEY, hits=_AMOUNT, expires_at=now + _SECONDS)
            .on_conflict_do_update(
                index_elements=[RateLimitCount.key],
                set_={
                    "hits": case((is_over, _AMOUNT), else_=RateLimitCount.hits + _AMOUNT),
                    "expires_at": case((is_over, now + _SECONDS), else_=RateLimitCount.expires_at),
                },
            )
            .returning(RateLimitCount.hits, seconds_left)
        )
        self._running = select(RateLimitCount.key, RateLimitCount.hits, seconds_left).where(
            ~is_over
        )
        self._counts: dict[int, AnySelect] = {}
        expired = (
            select(RateLimitCount.key)
            .where(is_over)
            .order_by(RateLimitCount.expires_at)
            .limit(_BATCH_SIZE)
            .with_for_update(skip_locked=True)
        )
        self.count_expired = select(func.count()).select_from(RateLimitCount).where(is_over)
        self.delete_expired = delete(RateLimitCount).where(RateLimitCount.key.in_(expired))

    def counts(self, number: int) -> AnySelect:
        """Return the query for the counts of so many keys, `key_0` and so on."""
        if number not in self._counts:
            keys = [bindparam(f"key_{index}", type_=String()) for index in range(number)]
            self._counts[number] = self._running.where(RateLimitCount.key.in_(keys))
        return self._counts[number]


class DatabaseStore:
    """Counts in the table `rate_limits`; implements `RateLimitStore`. Each hit is one statement."""

    def __init__(
        self, url: str, engine_options: Mapping[str, Any], connector: Connector | None = None
    ) -> None:
        options = {**engine_options, "pool_size": POOL_SIZE, "max_overflow": 0}
        engine = create_engine(url, **options)
        configure_engine(engine, connector)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _hasten_sqlite)
        # In autocommit: every hit is a single statement, which needs no transaction around it. On
        # SQLite that is a turn among those who write.
        self.engine = reading(transacting(engine))
        self._counting = engine
        self._statements = _Statements(engine.dialect.name)
        self._read = autocommit_reader(engine)

    def hit(self, key: str, seconds: int, amount: int = 1) -> Count:
        """Count so many hits at once; where no window runs, one of so many seconds begins."""
        values = {"of_key": key, "seconds": seconds, "amount": amount}
        with self._counting.begin() as connection:
            count = Count(*connection.execute(self._statements.hit, values).one())
            if count.hits == amount:  # a new window: none begins without some being cleared away
                connection.execute(self._statements.delete_expired)
        return count

    def counts(self, keys: Sequence[str]) -> list[Count]:
        """Return what was counted for each of these keys, in their order."""
        query = self._statements.counts(len(keys))
        values = {f"key_{index}": key for index, key in enumerate(keys)}
        rows = self._read(self.engine, query, values)
        found = {key: Count(hits, seconds_left) for key, hits, seconds_left in rows}
        return [found.get(key, Count()) for key in keys]

    def count_expired(self) -> int:
        """Return how many windows have ended and are stored still."""
        with self.engine.connect() as connection:
            return connection.scalar(self._statements.count_expired) or 0

    def delete_expired(self) -> int:
        """Delete some of those; return how many."""
        with self._counting.begin() as connection:
            return connection.execute(self._statements.delete_expired).rowcount

    def dispose(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _hasten_sqlite(connection: Any, _record: Any) -> None:
    # A count need not outlive a power cut; without waiting for the disk it is 20 times as fast.
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
