"""What a pool of connections tells."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine

from support.processes import wait_until
from userapi.db.pools import CountingPool, pool_load
from userapi.kit.metrics import PoolLoad

pytestmark = pytest.mark.any_database


def test_who_waits_for_a_connection_is_counted() -> None:
    engine = create_engine("sqlite://", poolclass=CountingPool, pool_size=1, max_overflow=1)
    first, second = engine.connect(), engine.connect()
    assert pool_load(engine) == PoolLoad(in_use=2, kept=1, overflow=1, limit=2, waits=0)

    with ThreadPoolExecutor(1) as thread:
        third = thread.submit(engine.connect)
        wait_until(lambda: pool_load(engine).waits == 1)
        first.close()
        third.result().close()
    second.close()

    assert pool_load(engine)._replace(waits=0) == PoolLoad(0, 1, 0, 2, 0)
    engine.dispose()
