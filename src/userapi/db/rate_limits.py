"""Rate limits counted in the service's own database, and which store is used.

A storage of the library `limits`, on an engine of its own: a hit never waits for a request's
connection, and commits by itself. Times are seconds since 1970 by the clock of the store, so
that hosts whose clocks differ agree on every window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limits.storage import Storage
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Double,
    Index,
    String,
    bindparam,
    case,
    create_engine,
    delete,
    event,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base
from userapi.db.engine import STORE_FAILURES, configure_engine, reading
from userapi.kit.clock import utc_now

POOL_SIZE = 2
"""The connections of each process; a hit takes a millisecond, and waits for one if it must."""

KEY_LENGTH = 200
_BATCH_SIZE = 100
_DATABASE_URI = "userapi://"
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
_REDIS_SECONDS = 2


class RateLimitCount(Base):
    """How often something was done in the window that ends at `expires_at`."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("ix_rate_limits_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    hits: Mapped[int] = mapped_column(BigInteger())
    expires_at: Mapped[float] = mapped_column(Double())


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
        self.delete = delete(RateLimitCount).where(is_this)
        expired = (
            select(RateLimitCount.key)
            .where(is_over)
            .order_by(RateLimitCount.expires_at)
            .limit(_BATCH_SIZE)
            .with_for_update(skip_locked=True)
        )
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

    def clear(self, key: str) -> None:
        """Delete one count."""
        with self._engine.connect() as connection:
            connection.execute(self._statements.delete, {"of_key": key})


@dataclass(frozen=True, slots=True)
class RateLimitStore:
    """Where limits are counted: what the library `limits` needs to reach it."""

    uri: str
    options: Mapping[str, Any]

    def dispose(self) -> None:
        """Close the connections to the database, where it is the store."""
        engine = self.options.get("engine")
        if engine is not None:
            engine.dispose()


def database_store(url: str, engine_options: Mapping[str, Any]) -> RateLimitStore:
    """Return the store in the database at `url`; no connection is made yet."""
    options = {**engine_options, "pool_size": POOL_SIZE, "max_overflow": 0}
    engine = create_engine(url, **options)
    configure_engine(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hasten_sqlite)
    return RateLimitStore(_DATABASE_URI, {"engine": engine, "wrap_exceptions": True})


def redis_store(uri: str) -> RateLimitStore:
    """Return the store in the Redis at `uri`; no connection is made yet."""
    options = {
        "wrap_exceptions": True,
        "key_prefix": "userapi",
        "socket_timeout": _REDIS_SECONDS,
        "socket_connect_timeout": _REDIS_SECONDS,
    }
    return RateLimitStore(uri, options)


def _hasten_sqlite(connection: Any, _record: Any) -> None:
    # A count need not outlive a power cut; without waiting for the disk it is 20 times as fast.
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
