"""The composition root: session, repositories, services; built once per application."""

from userapi.accounts.repository import AccountRepository
from userapi.accounts.service import AccountService
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.db.migrations import Migrations
from userapi.db.session import Database
from userapi.db.unit_of_work import JointUnitOfWork, UnitOfWork
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService
from userapi.kit.clock import Clock, utc_now
from userapi.kit.passwords import PasswordHasher
from userapi.kit.secrets import derived_key
from userapi.kit.signing import KeyRing
from userapi.logins.repository import CredentialsRepository
from userapi.logins.service import LoginService
from userapi.ops.service import HealthService
from userapi.posts.repository import PostRepository
from userapi.posts.service import PostService
from userapi.sessions.repository import SessionRepository
from userapi.sessions.service import Lifetimes, SessionOpener, SessionService
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
    settings: Settings, database: Database, clock: Clock = utc_now
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
        access=settings.access_token_lifetime, refresh=settings.refresh_token_lifetime
    )
    audit = AuditTrail(events=AuditRepository(session=session), origin=current_origin, clock=clock)
    migrations = Migrations(engine=database.engine)
    services: list[object] = [
        Authenticator(tokens=tokens, sessions=sessions, clock=clock),
        AccountService(
            transaction=transaction,
            accounts=AccountRepository(session=session),
            passwords=passwords,
        ),
        HealthService(schema=migrations),
        IdempotentRequests(
            runner=IdempotencyService(
                transaction=transaction,
                joint_transaction=JointUnitOfWork(session=session),
                keys=IdempotencyKeyRepository(session=session),
                clock=clock,
            ),
            fingerprint_key=derived_key(settings.secret_key, "idempotency fingerprints"),
        ),
        LoginService(
            transaction=transaction,
            credentials=CredentialsRepository(session=session),
            users=users,
            passwords=passwords,
            sessions=SessionOpener(
                sessions=sessions, tokens=tokens, lifetimes=lifetimes, clock=clock
            ),
            audit=audit,
        ),
        PostService(transaction=transaction, posts=PostRepository(session=session), users=users),
        SessionService(
            transaction=transaction,
            sessions=sessions,
            tokens=tokens,
            lifetimes=lifetimes,
            audit=audit,
            clock=clock,
        ),
        SigningKeyService(
            transaction=transaction,
            keys=signing_keys,
            ring=ring,
            terms=key_terms,
            audit=audit,
            clock=clock,
        ),
        UserService(transaction=transaction, users=users, sessions=sessions, clock=clock),
        migrations,
        tokens,
    ]
    return {type(service): service for service in services}


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
