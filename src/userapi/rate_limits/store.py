"""Where rate limits are counted: the service's own database, or a Redis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, event

from userapi.db.engine import configure_engine, transacting
from userapi.rate_limits.redis_storage import SCHEME_PREFIX, CircuitBreaker
from userapi.rate_limits.storage import DatabaseStorage

POOL_SIZE = 2
"""The connections of each process; a hit takes a millisecond, and waits for one if it must."""

_DATABASE_URI = f"{DatabaseStorage.STORAGE_SCHEME[0]}://"
_REDIS_SECONDS = 2
_REDIS_PAUSE = 2 * _REDIS_SECONDS  # as long as connecting and an answer may take together


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
    return RateLimitStore(_DATABASE_URI, {"engine": transacting(engine), "wrap_exceptions": True})


def redis_store(uri: str) -> RateLimitStore:
    """Return the store in the Redis at `uri`; no connection is made yet."""
    options = {
        "breaker": CircuitBreaker(pause=_REDIS_PAUSE),
        "key_prefix": "userapi",
        "socket_timeout": _REDIS_SECONDS,
        "socket_connect_timeout": _REDIS_SECONDS,
    }
    return RateLimitStore(f"{SCHEME_PREFIX}{uri}", options)


def _hasten_sqlite(connection: Any, _record: Any) -> None:
    # A count need not outlive a power cut; without waiting for the disk it is 20 times as fast.
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
