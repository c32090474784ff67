"""Counting in the database: windows, their ends, and what is cleared away."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from flask import Flask
from limits.errors import StorageError
from limits.storage import storage_from_string
from sqlalchemy import Engine, func, insert, select, update

from support.applications import engine_of, settings_of
from support.databases import UNREACHABLE, on_sqlite
from userapi.config.groups import DatabaseSettings
from userapi.kit.clock import utc_now
from userapi.rate_limits.feature import build_store
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.storage import DatabaseStorage
from userapi.rate_limits.store import POOL_SIZE, RateLimitStore, database_store


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
def store(own_app: Flask) -> Iterator[RateLimitStore]:
    store = build_store(settings_of(own_app))
    yield store
    store.dispose()


@pytest.fixture
def storage(store: RateLimitStore) -> DatabaseStorage:
    storage = storage_from_string(store.uri, **store.options)
    assert isinstance(storage, DatabaseStorage)
    return storage


@pytest.fixture
def counts(own_app: Flask) -> Counts:
    return Counts(engine_of(own_app))


def test_hits_add_up(storage: DatabaseStorage) -> None:
    assert [storage.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert storage.get("a") == 3


def test_a_hit_may_weigh_more(storage: DatabaseStorage) -> None:
    assert [storage.incr("a", 60, amount=5), storage.incr("a", 60, amount=2)] == [5, 7]


def test_keys_are_counted_apart(storage: DatabaseStorage) -> None:
    storage.incr("a", 60)

    assert storage.incr("b", 60) == 1
    assert storage.get("c") == 0


def test_a_window_begins_with_its_first_hit(storage: DatabaseStorage) -> None:
    storage.incr("a", 60)

    assert storage.get_expiry("a") - utc_now().timestamp() == pytest.approx(60, abs=5)


def test_further_hits_do_not_make_a_window_longer(storage: DatabaseStorage, counts: Counts) -> None:
    storage.incr("a", 60)
    counts.age(30)
    storage.incr("a", 60)

    assert storage.get_expiry("a") - utc_now().timestamp() == pytest.approx(30, abs=5)


def test_nothing_is_left_of_a_window_that_is_over(storage: DatabaseStorage, counts: Counts) -> None:
    storage.incr("a", 60)
    counts.age(61)

    assert storage.get("a") == 0
    assert storage.get_expiry("a") <= utc_now().timestamp()


def test_the_next_hit_after_that_opens_a_new_window(
    storage: DatabaseStorage, counts: Counts
) -> None:
    storage.incr("a", 60)
    storage.incr("a", 60)
    counts.age(61)

    assert storage.incr("a", 60) == 1
    assert storage.get_expiry("a") - utc_now().timestamp() == pytest.approx(60, abs=5)


def test_a_key_that_was_never_counted_ends_now(storage: DatabaseStorage) -> None:
    assert storage.get_expiry("a") == pytest.approx(utc_now().timestamp(), abs=5)


def test_a_new_window_clears_old_ones_away(storage: DatabaseStorage, counts: Counts) -> None:
    for key in "abc":
        storage.incr(key, 60)
    counts.age(61)
    storage.incr("d", 60)

    assert counts.number() == 1


def test_a_window_that_runs_is_not_cleared_away(storage: DatabaseStorage, counts: Counts) -> None:
    storage.incr("a", 60)
    storage.incr("b", 60)
    counts.age(61, "a")
    storage.incr("c", 60)

    assert storage.get("b") == 1
    assert counts.number() == 2


def test_at_most_a_hundred_are_cleared_away_at_once(
    storage: DatabaseStorage, counts: Counts
) -> None:
    with counts.engine.begin() as connection:
        old = [{"key": str(number), "hits": 1, "expires_at": 0.0} for number in range(150)]
        connection.execute(insert(RateLimitCount), old)
    storage.incr("a", 60)

    assert counts.number() == 51


def test_a_count_can_be_cleared(storage: DatabaseStorage) -> None:
    storage.incr("a", 60)
    storage.incr("b", 60)
    storage.clear("a")

    assert (storage.get("a"), storage.get("b")) == (0, 1)


def test_all_counts_can_be_cleared(storage: DatabaseStorage, counts: Counts) -> None:
    storage.incr("a", 60)
    storage.incr("b", 60)

    assert storage.reset() == 2
    assert counts.number() == 0


def test_the_database_answers(storage: DatabaseStorage) -> None:
    assert storage.check()


def test_the_pool_is_small_and_of_its_own(store: RateLimitStore, own_app: Flask) -> None:
    engine: Engine = store.options["engine"]

    assert engine.pool is not engine_of(own_app).pool
    assert engine.pool.size() == POOL_SIZE  # type: ignore[attr-defined] # not every pool has one


@on_sqlite
def test_a_count_does_not_wait_for_the_disk(store: RateLimitStore, own_app: Flask) -> None:
    modes = []
    for engine in (store.options["engine"], engine_of(own_app)):
        with engine.connect() as connection:
            modes.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())

    assert modes == [1, 2]  # NORMAL, and still FULL where it matters


def test_a_count_waits_for_no_connection_of_requests(
    storage: DatabaseStorage, own_app: Flask
) -> None:
    with ExitStack() as busy:
        for _ in range(2 * settings_of(own_app).of(DatabaseSettings).pool_size):
            busy.enter_context(engine_of(own_app).connect())

        assert storage.incr("a", 60) == 1


def test_a_database_out_of_reach_is_one_kind_of_error() -> None:
    store = database_store(UNREACHABLE.replace("postgresql", "postgresql+psycopg"), {})
    storage = storage_from_string(store.uri, **store.options)

    with pytest.raises(StorageError):
        storage.incr("a", 60)
    assert not storage.check()
