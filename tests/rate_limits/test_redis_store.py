"""Counting in Redis while it does not answer."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from limits.errors import StorageError
from redis.exceptions import OutOfMemoryError, RedisError
from redis.exceptions import TimeoutError as NoAnswer

from userapi.rate_limits.redis_store import CircuitBreaker, RedisStore

pytestmark = pytest.mark.any_database

PAUSE = 4.0


@dataclass
class Redis:
    """What is asked instead of a Redis: it fails in one way, or answers; its clock stands still."""

    failure: RedisError | None = None
    now: float = 100.0
    asked: int = 0
    store: RedisStore = field(init=False)

    def __post_init__(self) -> None:
        breaker = CircuitBreaker(pause=PAUSE, timer=lambda: self.now)
        self.store = RedisStore("redis://127.0.0.1:1/0", breaker)
        # The script that Redis would run.
        vars(self.store).update(_hit=self._answer)

    def _answer(self, _keys: object, _arguments: object) -> tuple[int, int]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.asked, 60_000


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def hits(redis: Redis, number: int = 1) -> None:
    """Count, while that fails."""
    for _ in range(number):
        with pytest.raises(StorageError):
            redis.store.hit("a", 60)


def test_one_that_does_not_answer_is_not_asked_again_at_once(redis: Redis) -> None:
    redis.failure = NoAnswer()

    hits(redis, 5)

    assert redis.asked == 1


def test_after_a_pause_one_asks_again(redis: Redis) -> None:
    redis.failure = NoAnswer()
    hits(redis)
    redis.now += PAUSE

    hits(redis, 5)

    assert redis.asked == 2


def test_while_one_asks_again_the_others_do_not_wait() -> None:
    now = [100.0]
    breaker = CircuitBreaker(pause=PAUSE, timer=lambda: now[0])
    breaker.open()
    now[0] += PAUSE

    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]


def test_when_it_answers_everybody_counts_again(redis: Redis) -> None:
    redis.failure = NoAnswer()
    hits(redis)
    redis.failure, redis.now = None, redis.now + PAUSE

    assert [redis.store.hit("a", 60).hits for _ in range(3)] == [2, 3, 4]


def test_an_error_is_an_answer(redis: Redis) -> None:
    redis.failure = OutOfMemoryError()
    hits(redis)
    redis.failure = None

    assert redis.store.hit("a", 60).hits == 2


def test_all_that_is_counted_in_a_process_knows_of_the_silence(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.rate_limits.redis_store._SECONDS", 0.1)
    store = RedisStore(silent)

    with pytest.raises(StorageError, match="Timeout"):
        store.hit("a", 60)

    for use in (lambda: store.hit("b", 60), lambda: store.counts(["a"])):
        with pytest.raises(StorageError, match="not asked again"):
            use()
