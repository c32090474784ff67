"""Counting in the database: windows, their ends, and what is cleared away."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import Engine, func, insert, select, update

from support.applications import engine_of, settings_of
from support.databases import UNREACHABLE, on_sqlite
from userapi.config.database import DatabaseSettings
from userapi.db.engine import STORE_FAILURES
from userapi.rate_limits.database_store import POOL_SIZE, DatabaseStore
from userapi.rate_limits.feature import build_store
from userapi.rate_limits.models import RateLimitCount


@dataclass(frozen=True)
class Counts:
    """What is counted, as the database has it."""

    engine: Engine

    def age(self, seconds: float, key: str | None = None) -> None:
        """Let so many seconds pass, for one window or for all."""
        aged = update(RateLimitCount)
        if key is not None:
            aged = aged.where(RateLimitCount.key == key)
        with self.engine.begin() as connection:
            connection.execute(aged.values(expires_at=RateLimitCount.expires_at - seconds))

    def number(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(RateLimitCount)) or 0


@pytest.fixture
def store(own_app: Flask) -> Iterator[DatabaseStore]:
    store = build_store(settings_of(own_app))
    assert isinstance(store, DatabaseStore)
    yield store
    store.dispose()


def hits(store: DatabaseStore, key: str = "a") -> int:
    (count,) = store.counts([key])
    return count.hits


def seconds_left(store: DatabaseStore) -> float:
    (count,) = store.counts(["a"])
    return count.seconds_left


@pytest.fixture
def counts(own_app: Flask) -> Counts:
    return Counts(engine_of(own_app))


def test_hits_add_up(store: DatabaseStore) -> None:
    assert [store.hit("a", 60).hits for _ in range(3)] == [1, 2, 3]
    assert hits(store) == 3


def test_a_hit_may_weigh_more(store: DatabaseStore) -> None:
    assert [store.hit("a", 60, amount=5).hits, store.hit("a", 60, amount=2).hits] == [5, 7]


def test_keys_are_counted_apart(store: DatabaseStore) -> None:
    store.hit("a", 60)

    assert store.hit("b", 60).hits == 1
    assert hits(store, "c") == 0


def test_a_window_begins_with_its_first_hit(store: DatabaseStore) -> None:
    store.hit("a", 60)

    assert seconds_left(store) == pytest.approx(60, abs=5)


def test_further_hits_do_not_make_a_window_longer(store: DatabaseStore, counts: Counts) -> None:
    store.hit("a", 60)
    counts.age(30)
    store.hit("a", 60)

    assert seconds_left(store) == pytest.approx(30, abs=5)


def test_nothing_is_left_of_a_window_that_is_over(store: DatabaseStore, counts: Counts) -> None:
    store.hit("a", 60)
    counts.age(61)

    assert hits(store) == 0


def test_the_next_hit_after_that_opens_a_new_window(store: DatabaseStore, counts: Counts) -> None:
    store.hit("a", 60)
    store.hit("a", 60)
    counts.age(61)

    assert store.hit("a", 60).hits == 1
    assert seconds_left(store) == pytest.approx(60, abs=5)


def test_counts_are_told_in_the_order_of_their_keys(store: DatabaseStore) -> None:
    store.hit("a", 60)
    store.hit("b", 60, amount=2)

    assert [count.hits for count in store.counts(["b", "c", "a", "b"])] == [2, 0, 1, 2]


def test_they_are_told_however_often(store: DatabaseStore) -> None:
    store.hit("a", 60)

    for _ in range(10):
        found, other = store.counts(["a", "b"])
        assert (found.hits, other.hits) == (1, 0)
        assert 50 < found.seconds_left <= 60


def test_a_new_window_clears_old_ones_away(store: DatabaseStore, counts: Counts) -> None:
    for key in "abc":
        store.hit(key, 60)
    counts.age(61)
    store.hit("d", 60)

    assert counts.number() == 1


def test_a_window_that_runs_is_not_cleared_away(store: DatabaseStore, counts: Counts) -> None:
    store.hit("a", 60)
    store.hit("b", 60)
    counts.age(61, "a")
    store.hit("c", 60)

    assert hits(store, "b") == 1
    assert counts.number() == 2


def test_at_most_a_hundred_are_cleared_away_at_once(store: DatabaseStore, counts: Counts) -> None:
    with counts.engine.begin() as connection:
        old = [{"key": str(number), "hits": 1, "expires_at": 0.0} for number in range(150)]
        connection.execute(insert(RateLimitCount), old)
    store.hit("a", 60)

    assert counts.number() == 51


def test_the_pool_is_small_and_of_its_own(store: DatabaseStore, own_app: Flask) -> None:
    assert store.engine.pool is not engine_of(own_app).pool
    assert store.engine.pool.size() == POOL_SIZE  # type: ignore[attr-defined] # not every pool has one


@on_sqlite
def test_a_count_does_not_wait_for_the_disk(store: DatabaseStore, own_app: Flask) -> None:
    modes = []
    for engine in (store.engine, engine_of(own_app)):
        with engine.connect() as connection:
            modes.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())

    assert modes == [1, 2]  # NORMAL, and still FULL where it matters


def test_a_count_waits_for_no_connection_of_requests(store: DatabaseStore, own_app: Flask) -> None:
    with ExitStack() as busy:
        for _ in range(2 * settings_of(own_app).of(DatabaseSettings).pool_size):
            busy.enter_context(engine_of(own_app).connect())

        assert store.hit("a", 60).hits == 1


def test_a_database_out_of_reach_is_a_failure_of_the_store() -> None:
    store = DatabaseStore(UNREACHABLE.replace("postgresql", "postgresql+psycopg"), {})

    with pytest.raises(STORE_FAILURES):
        store.hit("a", 60)
