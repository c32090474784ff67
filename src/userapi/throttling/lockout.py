"""How failed logins are counted, and delay and lock further ones: no state, only figures.

The figures follow NIST SP 800-63B-4: delays rise from 30 seconds to an hour, and long before 100
consecutive failures comes a lockout.
"""

import hashlib
import hmac
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from userapi.kit.errors import RateLimited
from userapi.throttling.errors import LoginDelayed, LoginLocked

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
RETRY_WHEN_LOCKED = int(LONGEST_DELAY.total_seconds())
"""After how many seconds to ask again whether a lockout has ended."""

_DOUBLINGS = math.ceil(math.log2(LONGEST_DELAY / FIRST_DELAY))


class Buckets:
    """Names the counters: 64 characters that tell nothing without the key."""

    def __init__(self, *, key: bytes) -> None:
        self._key = key

    def of_account(self, email: str) -> str:
        """Return the counter of a canonical address, whether an account has it or not."""
        return self._name(f"account:{email}")

    def of_device(self, device_id: uuid.UUID) -> str:
        """Return the counter of a known device."""
        return self._name(f"device:{device_id}")

    def of_proof(self, user_id: int) -> str:
        """Return the counter of the passwords that a user's sessions have to prove."""
        return self._name(f"proof:{user_id}")

    def _name(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Lockout:
    """How many consecutive failures are free of delay, and at how many sign-in is locked."""

    free_failures: int = 10
    max_failures: int = 50

    def delays(self) -> Iterator[tuple[int, timedelta]]:
        """Yield from which number of failures on which delay holds, the fewest first."""
        for doublings in range(_DOUBLINGS + 1):
            delay = min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
            yield self.free_failures + doublings, delay

    def blocked_until(self, failures: int, now: datetime) -> datetime | None:
        """Return until when nobody may try again, after so many failures; None: at once."""
        reached = [delay for number, delay in self.delays() if number <= failures]
        return now + reached[-1] if reached else None

    def is_locked_at(self, failures: int) -> bool:
        """Say whether so many failures lock sign-in."""
        return failures >= self.max_failures

    def refusal(self, failures: int, blocked_until: datetime | None, now: datetime) -> RateLimited:
        """Return what an attempt is refused with that was not let in at `now`."""
        if self.is_locked_at(failures):
            return LoginLocked(RETRY_WHEN_LOCKED)
        seconds = (blocked_until - now).total_seconds() if blocked_until else 0
        # Never 0: whoever was refused must not be told to come back at once.
        return LoginDelayed(max(1, math.ceil(seconds)))
