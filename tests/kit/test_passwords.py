import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest

from userapi.kit.passwords import (
    STANDARD_COST,
    HashingCost,
    HashingQueue,
    PasswordCheck,
    PasswordHasher,
)

CHEAP = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(cost=CHEAP)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that argon2 has worked through."""
    hashes: list[str] = []
    verify = argon2.PasswordHasher.verify

    def count(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        hashes.append(stored)
        return bool(verify(self, stored, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", count)
    return hashes


def cost_of(stored: str) -> str:
    return stored.split("$")[3]


def test_the_right_password_is_accepted(hasher: PasswordHasher) -> None:
    assert hasher.verify(PASSWORD, hasher.hash(PASSWORD)) is True


@pytest.mark.parametrize("wrong", ["", PASSWORD.upper(), f"{PASSWORD} ", f"{PASSWORD}\0"])
def test_another_password_is_refused(hasher: PasswordHasher, wrong: str) -> None:
    assert hasher.verify(wrong, hasher.hash(PASSWORD)) is False


@pytest.mark.parametrize("stored", ["", "!", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_what_is_no_hash_matches_nothing(hasher: PasswordHasher, stored: str) -> None:
    assert hasher.verify(PASSWORD, stored) is False


def test_nobody_has_no_password(hasher: PasswordHasher) -> None:
    assert hasher.verify(PASSWORD, None) is False


def test_an_unknown_address_costs_as_much_as_a_known_one(
    hasher: PasswordHasher, verified: list[str]
) -> None:
    stored = hasher.hash(PASSWORD)
    hasher.verify("wrong", stored)
    hasher.verify("wrong", None)

    known, unknown = verified
    assert known == stored
    assert cost_of(unknown) == cost_of(known)


def test_equal_passwords_have_different_hashes(hasher: PasswordHasher) -> None:
    assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)


def test_a_hash_tells_its_cost(hasher: PasswordHasher) -> None:
    assert hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_a_hash_of_todays_cost_is_kept(hasher: PasswordHasher) -> None:
    assert hasher.check(PASSWORD, hasher.hash(PASSWORD)) == PasswordCheck(
        holds=True, is_outdated=False
    )


@pytest.mark.parametrize(
    "other",
    [
        HashingCost(time_cost=2, memory_cost=8, parallelism=1),
        HashingCost(time_cost=1, memory_cost=16, parallelism=1),
        STANDARD_COST,
    ],
)
def test_a_hash_of_another_cost_is_made_anew(hasher: PasswordHasher, other: HashingCost) -> None:
    stored = PasswordHasher(cost=other).hash(PASSWORD)

    assert hasher.check(PASSWORD, stored) == PasswordCheck(holds=True, is_outdated=True)


def test_a_hash_of_another_cost_still_verifies(hasher: PasswordHasher) -> None:
    assert hasher.verify(PASSWORD, PasswordHasher(cost=STANDARD_COST).hash(PASSWORD)) is True


COMPOSED, DECOMPOSED = "caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me"


def raw_hash(password: str) -> str:
    """Return a hash of before: made of the password as it was sent."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


@pytest.mark.parametrize("chosen", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_a_password_matches_however_its_characters_are_composed(
    hasher: PasswordHasher, chosen: str, typed: str
) -> None:
    check = hasher.check(typed, hasher.hash(chosen))

    assert check == PasswordCheck(holds=True, is_outdated=False)


def test_a_hash_of_before_matches_what_was_sent_and_is_made_anew(hasher: PasswordHasher) -> None:
    check = hasher.check(DECOMPOSED, raw_hash(DECOMPOSED))

    assert check == PasswordCheck(holds=True, is_outdated=True)


def test_compatible_characters_are_other_characters(hasher: PasswordHasher) -> None:
    assert hasher.verify("\ufb01ve o'clock", hasher.hash("five o'clock")) is False


def test_no_character_of_a_long_password_is_left_out(hasher: PasswordHasher) -> None:
    long = "\u0958" * 128  # its normal form is twice as long

    assert hasher.verify(long, hasher.hash(long)) is True
    assert hasher.verify(long[:-1], hasher.hash(long)) is False


@pytest.mark.parametrize(("typed", "verifications"), [(COMPOSED, 1), (DECOMPOSED, 2)])
def test_a_wrong_password_costs_the_same_for_known_and_unknown_addresses(
    hasher: PasswordHasher, verified: list[str], typed: str, verifications: int
) -> None:
    stored = hasher.hash(PASSWORD)
    hasher.verify(typed, stored)
    known = len(verified)
    hasher.verify(typed, None)

    assert (known, len(verified) - known) == (verifications, verifications)


def test_all_is_hashed_by_as_many_threads_as_there_are_slots() -> None:
    queue = HashingQueue(slots=2, waiting=20, timeout=timedelta(seconds=20))
    threads: set[str] = set()

    def hash_once() -> None:
        with queue.slot():
            queue.run(lambda: threads.add(threading.current_thread().name))

    with ThreadPoolExecutor(20) as others:
        list(others.map(lambda _: hash_once(), range(200)))

    assert 1 <= len(threads) <= 2
    assert all(name.startswith("hashing") for name in threads)


def test_a_forked_process_hashes_by_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = HashingQueue(slots=1, waiting=1, timeout=timedelta(seconds=20))
    with queue.slot():
        before = queue.run(threading.get_ident)

        monkeypatch.setattr(os, "getpid", lambda: -1)

        assert queue.run(threading.get_ident) != before
