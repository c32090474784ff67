"""What tokens bring: their format, and the keys that sign them."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.kit.signing import KeyRing
from userapi.tokens.codec import JWTCodec, TokenConfig, init_tokens
from userapi.tokens.commands import keys
from userapi.tokens.keys.files import KeyFolder
from userapi.tokens.keys.ring import CachedKeyRing, KeySource, SharedSecret
from userapi.tokens.models import StoredKey
from userapi.tokens.repository import SigningKeyRepository
from userapi.tokens.resources import blp
from userapi.tokens.service import KeyConfig, SigningKeyService, StoredKeys
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield the codec of tokens, and what publishes and changes the keys."""
    settings = shared.settings
    stored = SigningKeyRepository(session=shared.db)
    config = KeyConfig(
        sealing_key=shared.derived_key("signing keys"),
        max_age=settings.jwks_max_age,
        in_files=settings.jwt_keys_dir is not None,
    )
    ring = _ring(shared, _source(shared, stored, config))
    yield JWTCodec(
        keys=ring,
        config=TokenConfig(settings.jwt_issuer, settings.jwt_audience, settings.token_leeway),
        clock=shared.clock,
    )
    yield SigningKeyService(
        transaction=shared.transaction,
        keys=stored,
        ring=ring,
        config=config,
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )


def _ring(shared: Shared, source: KeySource) -> KeyRing:
    algorithm = shared.settings.jwt_algorithm
    if not algorithm.has_key_ring:
        return SharedSecret(secret=shared.settings.jwt_secret_key)
    return CachedKeyRing(algorithm=algorithm, source=source, clock=shared.clock)


def _source(shared: Shared, stored: SigningKeyRepository, config: KeyConfig) -> KeySource:
    """Return where the keys are: in the folder that is named, or in the database."""
    folder, algorithm = shared.settings.jwt_keys_dir, shared.settings.jwt_algorithm
    if folder is not None:
        return KeyFolder(folder=folder, algorithm=algorithm)
    return StoredKeys(keys=stored, sealing_key=config.sealing_key, algorithm=algorithm)


def init(app: Flask, _: Mapping[type, Any]) -> None:
    """Set up Flask-JWT-Extended."""
    init_tokens(app)


FEATURE = Feature(
    name="tokens",
    blueprint=blp,
    build=build,
    init=init,
    models=(StoredKey,),
    commands=(keys,),
    checks=(lambda: provided(SigningKeyService).ensure_signs(),),
)
