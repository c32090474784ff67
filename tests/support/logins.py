"""Login services as the container builds them, with a clock and passwords of a test's own."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask

from support.applications import settings_of
from support.clocks import SetClock, database_clock_of
from support.transactions import transaction_on
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.config.secrets import SecretSettings
from userapi.db.session import ScopedSession
from userapi.kit.client_info import ClientInfo
from userapi.kit.passwords import HashingCost, HashingQueue, PasswordCheck, PasswordHasher
from userapi.kit.secrets import derived_key
from userapi.login.service import LoginService
from userapi.mail.notices import Notices
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Lifetimes
from userapi.sessions.services.lifecycle import SessionOpener
from userapi.throttling.failed_attempts import FailedAttempts, FailureLimits
from userapi.throttling.lockout import Buckets, Lockout
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.throttling.services.throttle import LoginThrottle, TrustedDevices
from userapi.throttling.services.unlocking import LoginHistory, UnlockService
from userapi.tokens.codec import JWTCodec
from userapi.users.repository import UserRepository
from userapi.web.services import provided

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
DEVICE_LIFETIME = timedelta(days=90)
FULL_SECONDS = 1234
"""How long a full bucket of a `CountedLimit` stays so."""
BUCKETS = Buckets(key=b"a key of the tests")


Interference = Callable[[], None]


class WatchedHasher(PasswordHasher):
    """Counts the verifications, and lets something happen after the first of them."""

    def __init__(self, *, cost: HashingCost, queue: HashingQueue | None = None) -> None:
        super().__init__(cost=cost, queue=queue)
        self.verifications = 0
        self.meanwhile: Interference = lambda: None

    def check(self, password: str, stored: str | None) -> PasswordCheck:
        verdict = super().check(password, stored)
        self.verifications += 1
        if self.verifications == 1:
            self.meanwhile()
        return verdict


class CountedLimit:
    """A limit that counts in memory, and that a test can close for some seconds.

    A bucket is full with `amount`; by default none ever is.
    """

    def __init__(self, amount: float = math.inf) -> None:
        self.counts: Counter[str] = Counter()
        self.amount = amount
        self.seconds = 0

    @property
    def counted(self) -> int:
        """How many there are of everybody."""
        return self.counts[""]

    def seconds_until_free(self, *buckets: str) -> int:
        is_full = any(self.counts[bucket] >= self.amount for bucket in buckets or ("",))
        return FULL_SECONDS if is_full else self.seconds

    def is_untouched(self, *buckets: str) -> bool:
        return not any(self.counts[bucket] for bucket in buckets or ("",))

    def count(self, bucket: str = "", cost: int = 1) -> None:
        self.counts[bucket] += cost


@dataclass(kw_only=True)
class Parts:
    """What a test may choose of a login service, or look at."""

    passwords: PasswordHasher
    clock: SetClock = field(default_factory=SetClock)
    overall: CountedLimit = field(default_factory=CountedLimit)
    by_source: CountedLimit = field(default_factory=CountedLimit)
    address: str | None = "198.51.100.7"
    lockout: Lockout | None = field(default_factory=Lockout)


def codec_of(app: Flask) -> JWTCodec:
    """Return what signs the application's tokens."""
    with app.app_context():
        return provided(JWTCodec)


def buckets_of(app: Flask) -> Buckets:
    """Return the names that `app` itself gives its counters."""
    secret_key = settings_of(app).of(SecretSettings).secret_key
    return Buckets(key=derived_key(secret_key, "login throttles"))


def throttle_of(app: Flask, parts: Parts) -> LoginThrottle:
    """Return the throttle on the application's session."""
    session = app.extensions["sqlalchemy"].session
    return LoginThrottle(
        throttles=ThrottleRepository(db=session),
        buckets=BUCKETS,
        lockout=parts.lockout,
        retention=timedelta(days=90),
        clock=parts.clock,
    )


def history_on(session: ScopedSession) -> LoginHistory:
    """Return what logins have left behind, on that session."""
    return LoginHistory(
        throttles=ThrottleRepository(db=session),
        devices=DeviceRepository(db=session),
        buckets=BUCKETS,
    )


def failures_of(parts: Parts) -> FailedAttempts:
    """Return the failed attempts, of clients at the address that `parts` has at the time."""
    return FailedAttempts(
        limits=FailureLimits(parts.overall, parts.by_source),
        buckets=BUCKETS,
        client_info=lambda: ClientInfo(address=parts.address),
    )


def audit_of(app: Flask, parts: Parts) -> AuditTrail:
    """Return the audit trail on the application's session."""
    session = app.extensions["sqlalchemy"].session
    return AuditTrail(events=AuditRepository(db=session), client_info=ClientInfo, clock=parts.clock)


def login_service_of(app: Flask, parts: Parts) -> LoginService:
    """Return the login service on the application's session."""
    session = app.extensions["sqlalchemy"].session
    return LoginService(
        transaction=transaction_on(session),
        users=UserRepository(db=session),
        passwords=parts.passwords,
        sessions=SessionOpener(
            sessions=SessionRepository(db=session, clock=database_clock_of(parts.clock)),
            tokens=codec_of(app),
            lifetimes=Lifetimes(access=HOUR, idle=WEEK, absolute=MONTH),
            retention=MONTH,
            audit=audit_of(app, parts),
            client_info=ClientInfo,
        ),
        throttle=throttle_of(app, parts),
        failures=failures_of(parts),
        devices=TrustedDevices(
            devices=DeviceRepository(db=session),
            lifetime=DEVICE_LIFETIME,
            client_info=ClientInfo,
            clock=parts.clock,
        ),
        notices=notices_of(app),
        audit=audit_of(app, parts),
        requires_verified=False,
    )


def unlock_service_of(app: Flask, parts: Parts) -> UnlockService:
    """Return the unlocking on the application's session."""
    session = app.extensions["sqlalchemy"].session
    return UnlockService(
        transaction=transaction_on(session),
        users=UserRepository(db=session),
        history=history_on(session),
        audit=audit_of(app, parts),
    )


def notices_of(app: Flask) -> Notices:
    """Return what tells the owners of accounts, of the application."""
    with app.app_context():
        return provided(Notices)
