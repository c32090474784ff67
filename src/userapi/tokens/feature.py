"""What tokens bring: their format, and the keys that sign them."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from userapi.audit.service import AuditTrail
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Settings
from userapi.container import Feature, Shared
from userapi.tokens.codec import JWTCodec, TokenConfig, init_tokens
from userapi.tokens.commands import keys as keys_command
from userapi.tokens.diagnosis import DIAGNOSIS
from userapi.tokens.events import KeyEvent
from userapi.tokens.keys.authentication import KeySecrets
from userapi.tokens.keys.files import KeyFolder
from userapi.tokens.keys.ring import CachedKeyRing, KeySource, SharedSecret
from userapi.tokens.keys.signing import KeyRing
from userapi.tokens.keys.stored import StoredKeys
from userapi.tokens.models import StoredKey
from userapi.tokens.repository import SigningKeyRepository
from userapi.tokens.resources import blp
from userapi.tokens.service import KeyConfig, SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield the codec of tokens, and what publishes and changes the keys."""
    settings = shared.settings.of(TokenSettings)
    keys = SigningKeyRepository(db=shared.db)
    secrets = KeySecrets(
        sealing=shared.derived_key("signing keys"),
        authentication=shared.derived_key("signing key rows"),
    )
    stored = StoredKeys(rows=keys, secrets=secrets, algorithm=settings.algorithm)
    config = KeyConfig(
        secrets=secrets,
        max_age=settings.jwks_max_age,
        in_files=settings.keys_folder is not None,
        ages=settings.key_ages,
    )
    ring = _ring(shared, _source(settings, stored))
    yield JWTCodec(
        keys=ring,
        config=TokenConfig(settings.issuer, settings.audience, settings.leeway),
        clock=shared.clock,
    )
    yield SigningKeyService(
        transaction=shared.transaction,
        keys=keys,
        stored=stored,
        ring=ring,
        config=config,
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )


def _ring(shared: Shared, source: KeySource) -> KeyRing:
    settings = shared.settings.of(TokenSettings)
    algorithm = settings.algorithm
    if not algorithm.has_key_ring:
        return SharedSecret(secret=shared.settings.of(SecretSettings).jwt_secret_key)
    return CachedKeyRing(
        algorithm=algorithm, source=source, clock=shared.clock, ages=settings.key_ages
    )


def _source(settings: TokenSettings, stored: StoredKeys) -> KeySource:
    """Return where the keys are: in the folder that is named, or in the database."""
    if settings.keys_folder is None:
        return stored
    return KeyFolder(folder=settings.keys_folder, algorithm=settings.algorithm)


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Set up Flask-JWT-Extended; the codec gives each token its times."""
    settings: Settings = parts[Settings]
    tokens = settings.of(TokenSettings)
    app.config.update(
        JWT_SECRET_KEY=settings.of(SecretSettings).jwt_secret_key,
        JWT_ALGORITHM=tokens.algorithm,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_COOKIE_SECURE=settings.is_production,
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_ENCODE_ISSUER=tokens.issuer,
        JWT_ENCODE_AUDIENCE=tokens.audience,
    )
    init_tokens(app)


FEATURE = Feature(
    name="tokens",
    events=KeyEvent,
    blueprint=blp,
    build=build,
    init=init,
    settings=(TokenSettings,),
    models=(StoredKey,),
    commands=(keys_command,),
    checks=(lambda: provided(SigningKeyService).ensure_signs(),),
    diagnoses=(DIAGNOSIS,),
)
