"""The application factory: extensions, blueprints, handlers; no logic."""

import logging
from typing import Any

from flask import Flask, Response
from limits.errors import StorageError

import userapi
import userapi.registry
from userapi.audit.resources import blp as audit
from userapi.cli.commands import COMMANDS
from userapi.cli.error_handling import SchemaBehindError
from userapi.config.groups import DatabaseSettings, HTTPSettings, LoggingSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.rate_limits import RateLimitSettings
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Settings
from userapi.container import build_rate_limit_store, build_services
from userapi.db.engine import STORE_FAILURES, engine_options
from userapi.db.migrations import Migrations, SchemaState
from userapi.db.rate_limits import RateLimitStore
from userapi.db.session import init_database
from userapi.health.resources import blp as health
from userapi.kit.errors import StoreUnavailable
from userapi.login.resources import blp as logins
from userapi.posts.resources import blp as posts
from userapi.registration.resources import blp as accounts
from userapi.sessions.resources import blp as sessions
from userapi.sessions.settings import SessionSettings
from userapi.settings_groups import load_settings
from userapi.throttling.resources import blp as lockouts
from userapi.tokens.codec import init_tokens
from userapi.tokens.resources import blp as signing_keys
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.users.resources import blp as users
from userapi.web.api import Api, init_api
from userapi.web.bodies import init_bodies
from userapi.web.docs import init_docs
from userapi.web.headers import init_headers
from userapi.web.limits import init_limits
from userapi.web.logging import init_logging
from userapi.web.problems import CHECK_DECLARATIONS, init_problems, problem_response
from userapi.web.proxies import init_proxies
from userapi.web.request_id import init_request_id
from userapi.web.services import provide, provided

_log = logging.getLogger(__name__)


def create_app(config: str | Settings | None = None) -> Flask:
    """Return the application for an environment's name, for `Settings`, or for `FLASK_ENV`.

    In production a database whose schema is behind this version is refused with
    `SchemaBehindError`, one without a key that could sign with `NoSigningKey`; one that is newer
    is served, with a warning. Raises `SettingsError` when the environment is not fit to start
    with.
    """
    settings = _settings(config)
    app = build_app(settings)
    if settings.is_production:
        _ensure_schema(app)
        _ensure_key(app)
    return app


def build_app(config: str | Settings | None = None) -> Flask:
    """Return the application without a look at the database, for the commands."""
    settings = _settings(config)
    init_logging(settings.of(LoggingSettings).level)
    app = Flask(
        "userapi",
        instance_path=str(settings.of(EnvironmentSettings).instance_path),
        static_folder=None,
    )
    app.config.from_mapping(flask_config(settings))
    http = settings.of(HTTPSettings)
    init_proxies(app, trusted=http.trusted_proxies)
    init_request_id(app)
    init_bodies(app)
    store = _limit_rates(app, settings)
    init_headers(app, cors_origins=http.cors_origins, strict_transport=settings.is_production)
    init_problems(app)
    init_tokens(app)
    for failure in (*STORE_FAILURES, StorageError):
        app.register_error_handler(failure, _answer_store_failure)
    blueprints = (accounts, logins, sessions, users, lockouts, posts, audit, signing_keys, health)
    api = init_api(app, *blueprints, version=userapi.__version__)
    init_docs(app, api)
    services = build_services(settings, init_database(app), store)
    provide(app, {**services, Settings: settings, Api: api, RateLimitStore: store})
    for command in COMMANDS:
        app.cli.add_command(command)
    return app


def flask_config(settings: Settings) -> dict[str, Any]:
    """Return what `app.config` is filled with."""
    http, database = settings.of(HTTPSettings), settings.of(DatabaseSettings)
    return {
        "DEBUG": settings.of(EnvironmentSettings).debug,
        "TESTING": settings.is_testing,
        CHECK_DECLARATIONS: settings.is_testing,
        "SECRET_KEY": settings.of(SecretSettings).secret_key,
        "MAX_CONTENT_LENGTH": http.max_content_length,
        "MAX_FORM_MEMORY_SIZE": http.max_content_length,
        # No response sets a cookie; should one ever, it is a safe one.
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SQLALCHEMY_DATABASE_URI": database.url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(database.url, database.pool_size),
        "SQLALCHEMY_ECHO": database.echo,
        **_jwt_config(settings),
    }


def _jwt_config(settings: Settings) -> dict[str, Any]:
    tokens, sessions = settings.of(TokenSettings), settings.of(SessionSettings)
    return {
        "JWT_SECRET_KEY": settings.of(SecretSettings).jwt_secret_key,
        "JWT_ALGORITHM": tokens.algorithm,
        "JWT_TOKEN_LOCATION": ["headers"],
        "JWT_COOKIE_SECURE": settings.is_production,
        "JWT_COOKIE_CSRF_PROTECT": False,
        "JWT_ACCESS_TOKEN_EXPIRES": sessions.access_lifetime,
        "JWT_REFRESH_TOKEN_EXPIRES": sessions.absolute_lifetime,
        "JWT_ENCODE_ISSUER": tokens.issuer,
        "JWT_ENCODE_AUDIENCE": tokens.audience,
    }


def _settings(config: str | Settings | None) -> Settings:
    return config if isinstance(config, Settings) else load_settings(config)


def _limit_rates(app: Flask, settings: Settings) -> RateLimitStore:
    store = build_rate_limit_store(settings)
    limits = settings.of(RateLimitSettings)
    if limits.enabled:
        init_limits(
            app,
            limits=limits.of_operations(),
            storage_uri=store.uri,
            storage_options=store.options,
        )
    return store


def _answer_store_failure(error: Exception) -> Response:
    _log.error("the data store failed: %s", error)
    return problem_response(StoreUnavailable())


def _ensure_key(app: Flask) -> None:
    with app.app_context():
        provided(SigningKeyService).ensure_signs()
    _close_connections(app)


def _ensure_schema(app: Flask) -> None:
    with app.app_context():
        state = provided(Migrations).state()
    _close_connections(app)
    if state is SchemaState.BEHIND:
        raise SchemaBehindError
    if state is SchemaState.NEWER:
        _log.warning("the database's schema is newer than this version of the program")


def _close_connections(app: Flask) -> None:
    """Leave no connection that a server would share among the processes it forks."""
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
