"""The keys of the moment: when they are read, and which one signs."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from support.clocks import SetClock
from tokens.keys import CountedSource, new_key, public_half
from userapi.tokens.errors import NoSigningKey
from userapi.tokens.keys.ring import (
    MAX_PUBLISHED_KEYS,
    CachedKeyRing,
    KeyAges,
    KeySource,
    SharedSecret,
)
from userapi.tokens.keys.signing import Algorithm, SigningKey

ONE, TWO = new_key("one"), new_key("two")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def source() -> CountedSource:
    return CountedSource([ONE])


@pytest.fixture
def ring(source: CountedSource, clock: SetClock) -> CachedKeyRing:
    return ring_of(source, clock)


def ring_of(source: KeySource, clock: SetClock) -> CachedKeyRing:
    return CachedKeyRing(algorithm=Algorithm.EDDSA, source=source, clock=clock)


def beginning(key: SigningKey, clock: SetClock, seconds: float) -> SigningKey:
    return replace(key, active_from=clock.now + timedelta(seconds=seconds))


# Reading


def test_nothing_is_read_before_it_is_needed(ring: CachedKeyRing, source: CountedSource) -> None:
    assert source.reads == 0


def test_calls_within_five_seconds_read_once(
    ring: CachedKeyRing, source: CountedSource, clock: SetClock
) -> None:
    for _ in range(50):
        assert ring.find("one") == ONE
        assert ring.signing_key() == ONE
        clock.forward(0.099)

    assert source.reads == 1


def test_the_keys_are_read_again_after_five_seconds(
    ring: CachedKeyRing, source: CountedSource, clock: SetClock
) -> None:
    ring.find("one")
    source.keys = [TWO]
    clock.forward(5)

    assert ring.signing_key() == TWO
    assert ring.find("one") is None


def test_the_ages_are_those_that_it_is_given(source: CountedSource, clock: SetClock) -> None:
    ages = KeyAges(renewed=timedelta(seconds=60), oldest=timedelta(seconds=90))
    ring = CachedKeyRing(algorithm=Algorithm.EDDSA, source=source, clock=clock, ages=ages)
    ring.find("one")
    clock.forward(59)
    ring.find("one")
    clock.forward(1)
    ring.find("one")

    assert source.reads == 2


def test_a_clock_that_was_put_back_makes_nothing_last(
    ring: CachedKeyRing, source: CountedSource, clock: SetClock
) -> None:
    ring.find("one")
    source.keys = [TWO]
    clock.forward(-3600)

    assert ring.signing_key() == TWO


def test_an_unknown_key_is_looked_for_at_once(ring: CachedKeyRing, source: CountedSource) -> None:
    ring.find("one")
    source.keys = [ONE, TWO]

    assert ring.find("two") == TWO


def test_unknown_keys_are_looked_for_once_in_ten_seconds(
    ring: CachedKeyRing, source: CountedSource, clock: SetClock
) -> None:
    ring.find("one")
    for number in range(99):
        assert ring.find(f"unknown{number}") is None
        clock.forward(0.05)
    assert source.reads == 2

    clock.forward(5.05)
    ring.find("one")
    reads = source.reads
    assert ring.find("unknown") is None
    assert source.reads == reads + 1


@pytest.mark.parametrize(
    "key_id", ["", "a" * 65, "../../dev/null", "' OR 1=1", "o\0ne", "one\n", "\u0661", "one.pem"]
)
def test_what_is_no_id_is_not_looked_for(
    ring: CachedKeyRing, source: CountedSource, key_id: str
) -> None:
    ring.find("one")

    assert ring.find(key_id) is None
    assert source.reads == 1


def test_a_token_without_id_has_no_key(ring: CachedKeyRing) -> None:
    assert ring.find(None) is None


def test_a_reading_that_fails_is_tried_again(clock: SetClock) -> None:
    class Failing(CountedSource):
        def usable_keys(self) -> Sequence[SigningKey]:
            if self.reads == 0:
                self.reads += 1
                raise ConnectionError
            return super().usable_keys()

    ring = ring_of(Failing([ONE]), clock)
    with pytest.raises(ConnectionError):
        ring.signing_key()

    assert ring.signing_key() == ONE


# Threads


class SlowSource(CountedSource):
    """Keys whose second reading waits until the test lets it end."""

    def __init__(self) -> None:
        super().__init__([ONE])
        self.begun, self.may_end = threading.Event(), threading.Event()

    def usable_keys(self) -> Sequence[SigningKey]:
        keys = super().usable_keys()
        if self.reads == 2:
            self.begun.set()
            assert self.may_end.wait(10)
        return keys


def while_one_reads(age: float, action: Callable[[CachedKeyRing, SlowSource], None]) -> SlowSource:
    """Do something while another thread reads keys of that age again."""
    source, clock = SlowSource(), SetClock()
    ring = ring_of(source, clock)
    ring.signing_key()
    source.keys = [TWO]
    clock.forward(age)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(ring.signing_key)
        assert source.begun.wait(10)
        action(ring, source)
        source.may_end.set()
        assert reading.result(10) == TWO
    return source


def test_while_one_thread_reads_the_others_use_what_is_there() -> None:
    def action(ring: CachedKeyRing, source: SlowSource) -> None:
        assert ring.signing_key() == ONE

    source = while_one_reads(9.9, action)

    assert source.reads == 2


def test_nobody_uses_keys_that_are_older_than_ten_seconds() -> None:
    found: list[SigningKey] = []

    def action(ring: CachedKeyRing, source: SlowSource) -> None:
        other = threading.Thread(target=lambda: found.append(ring.signing_key()))
        other.start()
        other.join(0.1)
        assert other.is_alive()
        source.may_end.set()
        other.join(10)

    source = while_one_reads(10, action)

    assert found == [TWO]
    assert source.reads == 2


# Which key signs


def test_without_keys_nothing_is_signed(clock: SetClock) -> None:
    with pytest.raises(NoSigningKey):
        ring_of(CountedSource(), clock).signing_key()


def test_a_public_key_signs_nothing(clock: SetClock) -> None:
    ring = ring_of(CountedSource([public_half(ONE)]), clock)

    assert ring.find("one") == public_half(ONE)
    with pytest.raises(NoSigningKey):
        ring.signing_key()


def test_the_key_that_began_last_signs(clock: SetClock) -> None:
    newer, older = beginning(ONE, clock, -1), beginning(TWO, clock, -2)

    assert ring_of(CountedSource([newer, older]), clock).signing_key() == newer


def test_of_keys_that_began_together_the_last_name_signs(clock: SetClock) -> None:
    assert ring_of(CountedSource([TWO, ONE]), clock).signing_key() == TWO


def test_a_key_signs_from_its_start_on_without_being_read_again(clock: SetClock) -> None:
    coming = beginning(TWO, clock, 3)
    source = CountedSource([ONE, coming])
    ring = ring_of(source, clock)

    assert ring.signing_key() == ONE
    clock.forward(3)
    assert ring.signing_key() == coming
    assert source.reads == 1


def test_keys_are_published_before_they_sign_and_in_order(clock: SetClock) -> None:
    coming = beginning(ONE, clock, 300)

    assert list(ring_of(CountedSource([coming, TWO]), clock).published()) == [TWO, coming]


# One shared secret


def test_no_more_keys_are_published_than_the_document_promises(clock: SetClock) -> None:
    keys = [
        replace(beginning(ONE, clock, number), key_id=str(number))
        for number in range(MAX_PUBLISHED_KEYS + 1)
    ]

    assert list(ring_of(CountedSource(keys), clock).published()) == keys[1:]


def test_the_shared_secret_signs_and_is_never_published() -> None:
    ring = SharedSecret(secret="s" * 32)

    assert ring.signing_key().signs_with == "s" * 32
    assert ring.find(None) == ring.signing_key()
    assert ring.find("one") is None
    assert list(ring.published()) == []


@pytest.mark.parametrize("key", [ONE, SharedSecret(secret="canary" * 6).signing_key()])
def test_the_representation_of_a_key_shows_nothing_secret(key: SigningKey) -> None:
    shown = repr(key)

    assert "canary" not in shown
    assert "0x" not in shown
