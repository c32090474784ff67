"""A pool of connections that tells how it is doing; without metrics the engine has a plain one."""

from typing import NamedTuple, cast

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from userapi.kit.metrics import PoolLoad


class CountingPool(QueuePool):
    """A pool that counts in `waits` who had to wait for a connection."""

    # The log of a pool is named by its class: ours would say at INFO what SQLAlchemy's keeps quiet.
    __module__ = QueuePool.__module__

    waits = 0

    @property
    def max_overflow(self) -> int:
        """How many connections there may be beyond those that are kept."""
        return self._max_overflow

    def connect(self) -> PoolProxiedConnection:
        """Return a connection; raise SQLAlchemy's `TimeoutError` where none gets free in time."""
        if not self.checkedin() and self.overflow() >= self.max_overflow:
            self.waits += 1
        return super().connect()


class Engines(NamedTuple):
    """The engines of an application, beside those of its features."""

    main: Engine
    replica: Engine | None


def pool_load(engine: Engine) -> PoolLoad:
    """Return how many connections of an engine with a `CountingPool` are used."""
    pool = cast("CountingPool", engine.pool)
    return PoolLoad(
        in_use=pool.checkedout(),
        kept=pool.size(),
        overflow=max(0, pool.overflow()),
        limit=pool.size() + pool.max_overflow,
        waits=pool.waits,
    )
