"""How failed logins delay and lock further ones."""

from datetime import timedelta

from userapi.kit.clock import Clock
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.lockout import Buckets, Lockout
from userapi.throttling.repository import ThrottleRepository
from userapi.throttling.services.devices import RecognizedDevice

_SMALL_BATCH = 10


class LoginThrottle:
    """Counts failed logins, within the caller's transaction; without a `lockout` it does not."""

    def __init__(
        self,
        *,
        throttles: ThrottleRepository,
        buckets: Buckets,
        lockout: Lockout | None,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._throttles = throttles
        self._buckets = buckets
        self._lockout = lockout
        self._retention = retention
        self._clock = clock

    def register_attempt(self, email: str, device: RecognizedDevice | None) -> int:
        """Count an attempt as failed before it is made; return how many failures there are.

        Whoever succeeds resets it. Raises `LoginDelayed` or `LoginLocked` when the attempt is
        not let in.
        """
        if self._lockout is None:
            return 0
        bucket, now = self._bucket(email, device), self._clock()
        failures = self._throttles.register_attempt(
            bucket, now, self._lockout, email=None if device else email
        )
        if failures is None:
            known = self._throttles.find(bucket)
            if known is None:  # somebody succeeded just now
                raise LoginDelayed(1)
            raise self._lockout.refusal(known.failures, known.blocked_until, now)
        if failures == 1:
            # Who adds a row takes old ones away: the table grows no further than it must.
            self._throttles.delete_expired(now - self._retention, self._lockout, _SMALL_BATCH)
        return failures

    def reset(self, email: str, device: RecognizedDevice | None) -> None:
        """Delete the failures that a successful attempt was counted with."""
        self._throttles.clear([self._bucket(email, device)])

    def is_locked_at(self, failures: int) -> bool:
        """Say whether so many failures lock sign-in."""
        return self._lockout is not None and self._lockout.is_locked_at(failures)

    def _bucket(self, email: str, device: RecognizedDevice | None) -> str:
        if device is not None:
            return self._buckets.of_device(device.id)
        return self._buckets.of_account(email)
