"""The keys that an application signs with, for tests that hold them."""

from flask import Flask

from support.applications import settings_of
from userapi.config.secrets import SecretSettings
from userapi.kit.secrets import derived_key
from userapi.tokens.keys.authentication import KeySecrets, private_half
from userapi.tokens.keys.ring import SharedSecret
from userapi.tokens.keys.signing import PrivateKey, SigningKey
from userapi.tokens.keys.stored import StoredKeys
from userapi.tokens.repository import SigningKeyRepository
from userapi.tokens.settings import TokenSettings


def signing_key_of(app: Flask) -> SigningKey:
    """Return the one key that `app` has."""
    settings = settings_of(app)
    if not settings.of(TokenSettings).algorithm.has_key_ring:
        return SharedSecret(secret=settings.of(SecretSettings).jwt_secret_key).signing_key()
    with app.app_context():
        stored = StoredKeys(
            rows=SigningKeyRepository(db=app.extensions["sqlalchemy"].session),
            secrets=secrets_of(app),
            algorithm=settings.of(TokenSettings).algorithm,
        )
        (key,) = stored.usable_keys()
    return key


def unsealed_key_of(app: Flask) -> PrivateKey:
    """Return the private half of the one key that `app` has."""
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        (row,) = SigningKeyRepository(db=session).list()
    return private_half(row, secrets_of(app))


def secrets_of(app: Flask) -> KeySecrets:
    """Return what encrypts and authenticates the keys of `app`."""
    secret_key = settings_of(app).of(SecretSettings).secret_key
    return KeySecrets(
        sealing=derived_key(secret_key, "signing keys"),
        authentication=derived_key(secret_key, "signing key rows"),
    )
