"""The composition root: session, repositories, services; built once per application."""

from functools import cached_property

from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditRetention, AuditSearch, AuditTrail
from userapi.db.attempt_limits import StoredAttemptLimit
from userapi.db.migrations import Migrations
from userapi.db.rate_limits import RateLimitStore, database_store, redis_store
from userapi.db.session import Database
from userapi.db.unit_of_work import JointUnitOfWork, UnitOfWork
from userapi.health.service import HealthService
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService
from userapi.kit.clock import Clock, utc_now
from userapi.kit.limits import AttemptLimit, NoAttemptLimit
from userapi.kit.passwords import PasswordHasher
from userapi.kit.secrets import derived_key
from userapi.tokens.keys.signing import KeyRing
from userapi.login.repository import CredentialsRepository
from userapi.login.service import LoginService
from userapi.posts.repository import PostRepository
from userapi.posts.service import PostService
from userapi.registration.repository import AccountRepository
from userapi.registration.service import RegistrationService
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Lifetimes, Rotation
from userapi.sessions.service import (
    SessionOpener,
    SessionRetention,
    SessionService,
    UserSessionService,
)
from userapi.settings import Settings
from userapi.throttling.buckets import Buckets
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.throttling.service import (
    LockoutRetention,
    LoginThrottle,
    TrustedDevices,
    UnlockService,
)
from userapi.tokens.codec import JWTCodec, TokenConfig
from userapi.tokens.keys.files import KeyFolder
from userapi.tokens.keys.ring import CachedKeyRing, KeySource, SharedSecret
from userapi.tokens.repository import SigningKeyRepository
from userapi.tokens.service import KeyConfig, SigningKeyService, StoredKeys
from userapi.users.repository import UserRepository
from userapi.users.service import UserService
from userapi.web.authentication import Authenticator
from userapi.web.client_info import current_client_info
from userapi.web.idempotency import IdempotentRequests


def build_services(
    settings: Settings, database: Database, store: RateLimitStore, clock: Clock = utc_now
) -> dict[type, object]:
    """Return every service, by its type."""
    parts = _Parts(settings, database, store, clock)
    services = (
        *parts.services_of_people(),
        *parts.services_of_sessions(),
        *parts.services_of_the_trail(),
        *parts.services_of_operation(),
    )
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


class _Parts:
    """What the services are made of; each part is made once, when the first one needs it."""

    def __init__(
        self, settings: Settings, database: Database, store: RateLimitStore, clock: Clock
    ) -> None:
        self._settings = settings
        self._session = database.session
        self._engine = database.engine
        self._store = store
        self._clock = clock
        self._transaction = UnitOfWork(session=self._session)
        self._users = UserRepository(session=self._session)
        self._sessions = SessionRepository(session=self._session)
        self._devices = DeviceRepository(session=self._session)
        self._throttles = ThrottleRepository(session=self._session)
        self._events = AuditRepository(session=self._session)
        self._passwords = PasswordHasher(cost=settings.hashing_cost)

    def services_of_people(self) -> tuple[object, ...]:
        """Return the services of accounts, users and what they write."""
        return (
            RegistrationService(
                transaction=self._transaction,
                accounts=AccountRepository(session=self._session),
                passwords=self._passwords,
                audit=self._audit,
            ),
            PostService(
                transaction=self._transaction,
                posts=PostRepository(session=self._session),
                users=self._users,
                audit=self._audit,
            ),
            UnlockService(
                transaction=self._transaction,
                users=self._users,
                throttle=self._throttle,
                audit=self._audit,
            ),
            UserService(
                transaction=self._transaction,
                users=self._users,
                sessions=self._sessions,
                audit=self._audit,
                clock=self._clock,
            ),
        )

    def services_of_sessions(self) -> tuple[object, ...]:
        """Return what opens, proves, lists and ends sessions."""
        return (
            Authenticator(
                tokens=self._tokens,
                sessions=self._sessions,
                uses=self._session_service,
                clock=self._clock,
            ),
            UserSessionService(
                transaction=self._transaction,
                sessions=self._sessions,
                users=self._users,
                audit=self._audit,
                clock=self._clock,
            ),
            LoginService(
                transaction=self._transaction,
                credentials=CredentialsRepository(session=self._session),
                users=self._users,
                passwords=self._passwords,
                sessions=self._session_opener,
                throttle=self._throttle,
                overall=build_failed_login_limit(self._settings, self._store),
                devices=TrustedDevices(
                    devices=self._devices,
                    lifetime=self._settings.device_token_lifetime,
                    clock=self._clock,
                ),
                audit=self._audit,
            ),
            self._session_service,
            self._tokens,
        )

    def services_of_the_trail(self) -> tuple[object, ...]:
        """Return what searches the audit trail, and what forgets."""
        return (
            AuditRetention(transaction=self._transaction, events=self._events),
            AuditSearch(events=self._events),
            LockoutRetention(
                transaction=self._transaction,
                throttles=self._throttles,
                devices=self._devices,
                lockout=self._settings.rate_limits.lockout,
                clock=self._clock,
            ),
            SessionRetention(transaction=self._transaction, sessions=self._sessions),
        )

    def services_of_operation(self) -> tuple[object, ...]:
        """Return what answers requests once, and what operators look after."""
        migrations = Migrations(engine=self._engine)
        idempotency = IdempotencyService(
            transaction=self._transaction,
            joint_transaction=JointUnitOfWork(session=self._session),
            keys=IdempotencyKeyRepository(session=self._session),
            clock=self._clock,
        )
        return (
            HealthService(schema=migrations),
            idempotency,
            IdempotentRequests(
                runner=idempotency, fingerprint_key=self._derived_key("idempotency fingerprints")
            ),
            SigningKeyService(
                transaction=self._transaction,
                keys=self._signing_keys,
                ring=self._key_ring,
                terms=self._key_terms,
                audit=self._audit,
                clock=self._clock,
            ),
            migrations,
        )

    def _derived_key(self, purpose: str) -> bytes:
        return derived_key(self._settings.secret_key, purpose)

    @cached_property
    def _audit(self) -> AuditTrail:
        return AuditTrail(events=self._events, client_info=current_client_info, clock=self._clock)

    @cached_property
    def _throttle(self) -> LoginThrottle:
        limits = self._settings.rate_limits
        return LoginThrottle(
            throttles=self._throttles,
            devices=self._devices,
            buckets=Buckets(key=self._derived_key("login throttles")),
            lockout=limits.lockout if limits.enabled else None,
            clock=self._clock,
        )

    @cached_property
    def _lifetimes(self) -> Lifetimes:
        return Lifetimes(
            access=self._settings.access_token_lifetime,
            idle=self._settings.session_idle_lifetime,
            absolute=self._settings.refresh_token_lifetime,
        )

    @cached_property
    def _session_opener(self) -> SessionOpener:
        return SessionOpener(
            sessions=self._sessions,
            tokens=self._tokens,
            lifetimes=self._lifetimes,
            client_info=current_client_info,
            clock=self._clock,
        )

    @cached_property
    def _session_service(self) -> SessionService:
        return SessionService(
            transaction=self._transaction,
            sessions=self._sessions,
            tokens=self._tokens,
            lifetimes=self._lifetimes,
            rotation=Rotation(
                key=self._derived_key("refresh rotation"), grace=self._settings.refresh_grace
            ),
            audit=self._audit,
            client_info=current_client_info,
            clock=self._clock,
        )

    @cached_property
    def _tokens(self) -> JWTCodec:
        settings = self._settings
        terms = TokenConfig(settings.jwt_issuer, settings.jwt_audience, settings.token_leeway)
        return JWTCodec(keys=self._key_ring, terms=terms, clock=self._clock)

    @cached_property
    def _signing_keys(self) -> SigningKeyRepository:
        return SigningKeyRepository(session=self._session)

    @cached_property
    def _key_terms(self) -> KeyConfig:
        return KeyConfig(
            sealing_key=self._derived_key("signing keys"),
            max_age=self._settings.jwks_max_age,
            in_files=self._settings.jwt_keys_dir is not None,
        )

    @cached_property
    def _key_ring(self) -> KeyRing:
        algorithm = self._settings.jwt_algorithm
        if not algorithm.has_key_ring:
            return SharedSecret(secret=self._settings.jwt_secret_key)
        source: KeySource
        if self._settings.jwt_keys_dir is not None:
            source = KeyFolder(folder=self._settings.jwt_keys_dir, algorithm=algorithm)
        else:
            source = StoredKeys(
                keys=self._signing_keys,
                sealing_key=self._key_terms.sealing_key,
                algorithm=algorithm,
            )
        return CachedKeyRing(algorithm=algorithm, source=source, clock=self._clock)
