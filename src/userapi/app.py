"""The application factory: extensions, features, handlers; no logic."""

from collections.abc import Iterable

from flask import Flask

import userapi
from userapi.cli.commands import all_commands
from userapi.container import Feature, FeatureList, Shared, build_parts
from userapi.db.engine import STORE_FAILURES
from userapi.db.migrations import Migrations
from userapi.db.session import init_database
from userapi.features import all_features
from userapi.settings import Settings, load_settings
from userapi.web.api import Api, init_api
from userapi.web.bodies import init_bodies
from userapi.web.docs import init_docs
from userapi.web.headers import init_headers
from userapi.web.logging import init_logging
from userapi.web.problems import CHECK_DECLARATIONS, answer_store_failure, init_problems
from userapi.web.proxies import init_proxies
from userapi.web.request_id import init_request_id
from userapi.web.services import provide, provided


def create_app(config: str | Settings | None = None, *, features: Iterable[Feature] = ()) -> Flask:
    """Return the application for an environment's name, for `Settings`, or for `FLASK_ENV`.

    `features` are added to our own and to those of installed packages. In production a database
    whose schema is behind this version is refused with `SchemaBehind`, one without a key that
    could sign with `NoSigningKey`; one that is newer is served, with a warning. Raises
    `SettingsError` when the environment is not fit to start with, `WiringError` when the features
    do not fit together.
    """
    settings = _settings(config)
    app = build_app(settings, features=features)
    if settings.is_production:
        _ensure_ready(app)
    return app


def build_app(config: str | Settings | None = None, *, features: Iterable[Feature] = ()) -> Flask:
    """Return the application without a look at the database, for the commands."""
    settings = _settings(config)
    chosen = FeatureList(all_features(features))
    init_logging(settings.log_level)
    app = Flask("userapi", instance_path=str(settings.instance_path), static_folder=None)
    app.config.from_mapping(settings.flask_config())
    app.config[CHECK_DECLARATIONS] = settings.is_testing
    parts = _parts(app, settings, chosen)
    init_proxies(app, trusted=settings.trusted_proxies)
    init_request_id(app)
    init_bodies(app)
    for feature in chosen:
        feature.init(app, parts)
    init_headers(app, cors_origins=settings.cors_origins, strict_transport=settings.is_production)
    init_problems(app)
    for failure in STORE_FAILURES:
        app.register_error_handler(failure, answer_store_failure)
    api = init_api(app, *chosen.blueprints(), version=userapi.__version__)
    init_docs(app, api)
    provide(app, {**parts, Api: api})
    for command in all_commands(chosen):
        app.cli.add_command(command)
    return app


def _settings(config: str | Settings | None) -> Settings:
    return config if isinstance(config, Settings) else load_settings(config)


def _parts(app: Flask, settings: Settings, features: FeatureList) -> dict[type, object]:
    database = init_database(app)
    given = {
        Settings: settings,
        FeatureList: features,
        Migrations: Migrations(engine=database.engine),
    }
    return build_parts(features, Shared(settings=settings, database=database, parts=given))


def _ensure_ready(app: Flask) -> None:
    """Check what must hold before requests are served, and leave no connection open.

    A server would share it among the processes that it forks.
    """
    with app.app_context():
        try:
            provided(Migrations).ensure_current()
            provided(FeatureList).ensure_ready()
        finally:
            app.extensions["sqlalchemy"].engine.dispose()
