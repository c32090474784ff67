"""The composition root: session, repositories, services; built once per application."""

from userapi.accounts.repository import AccountRepository
from userapi.accounts.service import AccountService
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditRetention, AuditSearch, AuditTrail
from userapi.db.attempt_limits import StoredAttemptLimit
from userapi.db.migrations import Migrations
from userapi.db.rate_limits import RateLimitStore, database_store, redis_store
from userapi.db.session import Database
from userapi.db.unit_of_work import JointUnitOfWork, UnitOfWork
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService
from userapi.kit.clock import Clock, utc_now
from userapi.kit.limits import AttemptLimit, NoAttemptLimit
from userapi.kit.passwords import PasswordHasher
from userapi.kit.secrets import derived_key
from userapi.kit.signing import KeyRing
from userapi.lockouts.buckets import Buckets
from userapi.lockouts.repository import DeviceRepository, ThrottleRepository
from userapi.lockouts.service import KnownDevices, LoginThrottle, UnlockService
from userapi.logins.repository import CredentialsRepository
from userapi.logins.service import LoginService
from userapi.ops.service import HealthService
from userapi.posts.repository import PostRepository
from userapi.posts.service import PostService
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Lifetimes, Rotation
from userapi.sessions.service import (
    DeviceService,
    SessionOpener,
    SessionRetention,
    SessionService,
)
from userapi.settings import Settings
from userapi.signing_keys.key_files import KeyFolder
from userapi.signing_keys.repository import SigningKeyRepository
from userapi.signing_keys.ring import CachedKeyRing, KeySource, SharedSecret
from userapi.signing_keys.service import KeyTerms, SigningKeyService, StoredKeys
from userapi.users.repository import UserRepository
from userapi.users.service import UserService
from userapi.web.authentication import Authenticator
from userapi.web.idempotency import IdempotentRequests
from userapi.web.origin import current_origin
from userapi.web.tokens import JWTCodec, TokenTerms


def build_services(
    settings: Settings, database: Database, store: RateLimitStore, clock: Clock = utc_now
) -> dict[type, object]:
    """Return every service, by its type."""
    session = database.session
    transaction = UnitOfWork(session=session)
    users = UserRepository(session=session)
    sessions = SessionRepository(session=session)
    passwords = PasswordHasher(cost=settings.hashing_cost)
    key_terms = KeyTerms(
        sealing_key=derived_key(settings.secret_key, "signing keys"),
        max_age=settings.jwks_max_age,
        in_files=settings.jwt_keys_dir is not None,
    )
    signing_keys = SigningKeyRepository(session=session)
    ring = _key_ring(settings, signing_keys, key_terms, clock)
    tokens = JWTCodec(
        keys=ring,
        terms=TokenTerms(settings.jwt_issuer, settings.jwt_audience, settings.token_leeway),
        clock=clock,
    )
    lifetimes = Lifetimes(
        access=settings.access_token_lifetime,
        idle=settings.session_idle_lifetime,
        absolute=settings.refresh_token_lifetime,
    )
    events = AuditRepository(session=session)
    audit = AuditTrail(events=events, origin=current_origin, clock=clock)
    idempotency = IdempotencyService(
        transaction=transaction,
        joint_transaction=JointUnitOfWork(session=session),
        keys=IdempotencyKeyRepository(session=session),
        clock=clock,
    )
    devices = DeviceRepository(session=session)
    throttle = LoginThrottle(
        throttles=ThrottleRepository(session=session),
        devices=devices,
        buckets=Buckets(key=derived_key(settings.secret_key, "login throttles")),
        lockout=settings.rate_limits.lockout if settings.rate_limits.enabled else None,
        clock=clock,
    )
    migrations = Migrations(engine=database.engine)
    session_service = SessionService(
        transaction=transaction,
        sessions=sessions,
        tokens=tokens,
        lifetimes=lifetimes,
        rotation=Rotation(
            key=derived_key(settings.secret_key, "refresh rotation"), grace=settings.refresh_grace
        ),
        audit=audit,
        origin=current_origin,
        clock=clock,
    )
    services: list[object] = [
        Authenticator(tokens=tokens, sessions=sessions, uses=session_service, clock=clock),
        AccountService(
            transaction=transaction,
            accounts=AccountRepository(session=session),
            passwords=passwords,
            audit=audit,
        ),
        AuditRetention(transaction=transaction, events=events),
        AuditSearch(events=events),
        DeviceService(
            transaction=transaction, sessions=sessions, users=users, audit=audit, clock=clock
        ),
        HealthService(schema=migrations),
        idempotency,
        IdempotentRequests(
            runner=idempotency,
            fingerprint_key=derived_key(settings.secret_key, "idempotency fingerprints"),
        ),
        LoginService(
            transaction=transaction,
            credentials=CredentialsRepository(session=session),
            users=users,
            passwords=passwords,
            sessions=SessionOpener(
                sessions=sessions,
                tokens=tokens,
                lifetimes=lifetimes,
                origin=current_origin,
                clock=clock,
            ),
            throttle=throttle,
            overall=build_failed_login_limit(settings, store),
            devices=KnownDevices(
                devices=devices, lifetime=settings.device_token_lifetime, clock=clock
            ),
            audit=audit,
        ),
        PostService(
            transaction=transaction,
            posts=PostRepository(session=session),
            users=users,
            audit=audit,
        ),
        SessionRetention(transaction=transaction, sessions=sessions),
        session_service,
        SigningKeyService(
            transaction=transaction,
            keys=signing_keys,
            ring=ring,
            terms=key_terms,
            audit=audit,
            clock=clock,
        ),
        UnlockService(transaction=transaction, users=users, throttle=throttle, audit=audit),
        UserService(
            transaction=transaction, users=users, sessions=sessions, audit=audit, clock=clock
        ),
        migrations,
        tokens,
    ]
    return {type(service): service for service in services}


def build_rate_limit_store(settings: Settings) -> RateLimitStore:
    """Return where rate limits are counted: in the Redis that is named, or in the database."""
    if settings.rate_limits.storage_uri:
        return redis_store(settings.rate_limits.storage_uri)
    return database_store(settings.database_url, settings.engine_options())


def build_failed_login_limit(settings: Settings, store: RateLimitStore) -> AttemptLimit:
    """Return the limit of all failed logins together, whoever makes them."""
    if not settings.rate_limits.enabled:
        return NoAttemptLimit()
    return StoredAttemptLimit(
        name="failed-logins", limit=settings.rate_limits.failed_logins, store=store
    )


def _key_ring(
    settings: Settings, stored: SigningKeyRepository, terms: KeyTerms, clock: Clock
) -> KeyRing:
    algorithm = settings.jwt_algorithm
    if not algorithm.has_key_ring:
        return SharedSecret(secret=settings.jwt_secret_key)
    source: KeySource
    if settings.jwt_keys_dir is not None:
        source = KeyFolder(folder=settings.jwt_keys_dir, algorithm=algorithm)
    else:
        source = StoredKeys(keys=stored, sealing_key=terms.sealing_key, algorithm=algorithm)
    return CachedKeyRing(algorithm=algorithm, source=source, clock=clock)
