"""Password hashing with argon2id, of not too many passwords at once.

A password is hashed in its normal form (NFC), so that it matches however a keyboard composes its
characters. Hashes of before were made of the password as it was sent, and match that still; so do
those of other systems, which `kit.foreign_hashes` reads.
"""

import os
import secrets
import sys
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from threading import Event, Lock, local
from typing import TypeVar

from argon2 import PasswordHasher as Argon2
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from userapi.kit.arrival import STEP_ASIDE, WAITED
from userapi.kit.errors import DomainError, HashingBusy
from userapi.kit.foreign_hashes import read_hash
from userapi.kit.metrics import QueueLoad
from userapi.kit.password_checks import is_bearable_argon2

_OUR_PREFIX = "$argon2"
_NICENESS = 10
_HIGHEST_NICENESS = 19

T = TypeVar("T")

PASSWORD_MAX_LENGTH = 128
"""How many code points a new password has at most, as it is sent."""

TYPED_PASSWORD_MAX_LENGTH = 4 * PASSWORD_MAX_LENGTH
"""How many a password has at most that is tried: decomposing makes up to four of one."""


def normal_password(password: str) -> str:
    """Return the form in which a password is hashed: NFC, nothing cut off."""
    return unicodedata.normalize("NFC", password)


@dataclass(frozen=True, slots=True)
class HashingCost:
    """The cost of one hash: passes over memory, memory in KiB, lanes."""

    time_cost: int
    memory_cost: int
    parallelism: int


STANDARD_COST = HashingCost(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's recommendation for argon2id: two passes over 19 MiB in one lane."""


def _is_bearable(stored: str) -> bool:
    """Say whether a hash of argon2 is one that may be checked, whoever made it."""
    try:
        cost = extract_parameters(stored)
    except InvalidHashError:
        return False
    return is_bearable_argon2(cost.memory_cost, cost.time_cost, cost.parallelism)


class BoundedQueue:
    """Lets so many threads work at once; so many others wait, one after the other, none too long.

    Who finds no place is refused at once, by the `refusal`. A flood takes `slots` of a server's
    threads at most: who waits steps aside, and another thread goes on with all else.
    """

    def __init__(
        self, *, slots: int, waiting: int, timeout: timedelta, refusal: type[DomainError]
    ) -> None:
        self._slots, self._places = slots, waiting
        self._timeout = timeout.total_seconds()
        self._refusal = refusal
        self._thread = local()
        self._lock = Lock()
        self._running = self._refused = 0
        self._turns: deque[Event] = deque()

    @property
    def load(self) -> QueueLoad:
        """How many work and wait, and how many were refused so far."""
        return QueueLoad(self._running, len(self._turns), self._refused)

    @contextmanager
    def slot(self, *, is_patient: bool = False) -> Iterator[None]:
        """Hold a slot during the block; a block inside one is in the same slot.

        Raises the refusal where there is no place to wait, or none gets free in time; who
        `is_patient` waits for as long as it takes.
        """
        if getattr(self._thread, "has_slot", False):
            yield
            return
        turn = self._take_turn(is_patient=is_patient)
        if turn is not None:
            self._wait(turn, None if is_patient else self._timeout)
        self._thread.has_slot = True
        try:
            yield
        finally:
            self._thread.has_slot = False
            self._hand_on()

    def _take_turn(self, *, is_patient: bool) -> Event | None:
        """Take a slot, or return what tells that one was handed over."""
        with self._lock:
            if self._running < self._slots:
                self._running += 1
                return None
            if len(self._turns) >= self._places and not is_patient:
                self._refused += 1
                raise self._refusal
            turn = Event()
            self._turns.append(turn)
        return turn

    def _wait(self, turn: Event, timeout: float | None) -> None:
        began = time.monotonic()
        with STEP_ASIDE.get()():
            turn.wait(timeout)
        WAITED.set(WAITED.get() + time.monotonic() - began)
        with self._lock:
            if not turn.is_set():
                self._turns.remove(turn)
                self._refused += 1
                raise self._refusal

    def _hand_on(self) -> None:
        with self._lock:
            if self._turns:
                self._turns.popleft().set()
            else:
                self._running -= 1


class HashingQueue(BoundedQueue):
    """Lets so many threads of the process hash at once; who finds no place is refused.

    What is hashed is hashed by threads that do nothing else, one for each slot. Where processors
    are few, threads that answer go first.
    """

    def __init__(self, *, slots: int, waiting: int, timeout: timedelta) -> None:
        super().__init__(slots=slots, waiting=waiting, timeout=timeout, refusal=HashingBusy)
        self._hashing_threads: dict[int, ThreadPoolExecutor] = {}

    def run(self, function: Callable[[], T]) -> T:
        """Return what a function returns that hashes; the caller holds a slot."""
        process = os.getpid()  # threads do not come along when it is forked
        threads = self._hashing_threads.get(process) or self._hashing_threads.setdefault(
            process,
            ThreadPoolExecutor(self._slots, "hashing", initializer=_let_others_go_first),
        )
        return threads.submit(function).result()


def _let_others_go_first() -> None:
    if sys.platform == "linux":  # elsewhere a priority is that of all threads
        niceness = os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS
        os.setpriority(os.PRIO_PROCESS, 0, min(niceness, _HIGHEST_NICENESS))


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether a password matches a hash, and whether that hash should be made anew.

    It should where it was made in another way or at another cost than today's, or not of the normal
    form.
    """

    holds: bool
    is_outdated: bool


class PasswordHasher:
    """Hashes and verifies passwords; the cost is part of each stored hash.

    Whoever does has to get a slot of the `queue`, if there is one, and may get it before: what is
    done first, such as counting an attempt, is then done only for those who come to hashing.
    """

    def __init__(self, *, cost: HashingCost, queue: HashingQueue | None = None) -> None:
        self._argon2 = Argon2(**asdict(cost))
        self._queue = queue
        self._nobody = self._argon2.hash(secrets.token_urlsafe(32))

    def queue_load(self) -> QueueLoad:
        """Return how many hash, wait to, and were refused so far."""
        return QueueLoad(0, 0, 0) if self._queue is None else self._queue.load

    def slot(self, *, is_patient: bool = False) -> AbstractContextManager[None]:
        """Hold a slot of the queue during the block; raise `HashingBusy`, unless `is_patient`."""
        return nullcontext() if self._queue is None else self._queue.slot(is_patient=is_patient)

    def hash(self, password: str) -> str:
        """Return the encoded argon2id hash (PHC string) of `password`; raise `HashingBusy`."""
        with self.slot():
            return self._run(partial(self._argon2.hash, normal_password(password)))

    def check(self, password: str, stored: str | None) -> PasswordCheck:
        """Compare `password` with the `stored` hash.

        Without a stored hash (no such account) it never matches, and that costs the same. A
        password that is not in its normal form costs twice as much. Raises `HashingBusy`.
        """
        with self.slot():
            if self._run(partial(self._matches, normal_password(password), stored)):
                return PasswordCheck(holds=True, is_outdated=self._needs_rehash(stored))
            is_of_before = password != normal_password(password) and self._run(
                partial(self._matches, password, stored)
            )
        return PasswordCheck(holds=is_of_before, is_outdated=is_of_before)

    def _run(self, function: Callable[[], T]) -> T:
        return function() if self._queue is None else self._queue.run(function)

    def verify(self, password: str, stored: str | None) -> bool:
        """Say whether `password` matches the `stored` hash, as `check` does."""
        return self.check(password, stored).holds

    def _matches(self, password: str, stored: str | None) -> bool:
        if stored is not None and stored.startswith(_OUR_PREFIX) and _is_bearable(stored):
            return self._verify(stored, password)
        matches = None if stored is None else read_hash(stored)
        if matches is not None:
            return matches(password.encode())
        self._verify(self._nobody, password)
        return False

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._argon2.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _needs_rehash(self, stored: str | None) -> bool:
        is_ours = stored is not None and stored.startswith(_OUR_PREFIX)
        return not is_ours or self._argon2.check_needs_rehash(str(stored))
