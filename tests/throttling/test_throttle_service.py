from datetime import timedelta

import pytest

from support.clocks import SetClock
from support.logins import BUCKETS
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.lockout import Lockout
from userapi.throttling.repository import ThrottleRepository
from userapi.throttling.services.throttle import LoginThrottle


class EmptiedThrottles(ThrottleRepository):
    """Failures that refuse an attempt, and are forgotten before one can look at them."""

    def register_attempt(self, *_: object, **__: object) -> int | None:
        return None


def test_who_is_refused_while_somebody_succeeds_is_to_try_again_at_once(
    scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    throttle = LoginThrottle(
        throttles=EmptiedThrottles(db=scoped_session),
        buckets=BUCKETS,
        lockout=Lockout(),
        retention=timedelta(days=90),
        clock=SetClock(),
    )

    with transaction, pytest.raises(LoginDelayed) as caught:
        throttle.register_attempt("ada@example.com", None)

    assert caught.value.retry_after == 1
