"""The application factory: extensions, features, handlers; no logic."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from flask import Flask

import userapi
from userapi.cli.commands import all_commands
from userapi.cli.elsewhere import Elsewhere
from userapi.config.database import DatabaseSettings
from userapi.config.groups import LoggingSettings, ServerSettings
from userapi.config.http import DocumentationSettings, HTTPSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Problem, Settings, SettingsError
from userapi.container import Feature, FeatureList, Shared, build_parts
from userapi.db import waiting
from userapi.db.engine import STORE_FAILURES, engine_options
from userapi.db.forking import before_forking
from userapi.db.migrations import Migrations
from userapi.db.pools import CountingPool, Engines
from userapi.db.replicas import read_replica
from userapi.db.roles import DatabaseRoles
from userapi.db.session import init_database
from userapi.features import all_features, load_settings, metadata
from userapi.kit.shared_flag import STOPPING, Stopping
from userapi.metrics.settings import MetricsSettings
from userapi.web.api import Api, init_api
from userapi.web.application import Application
from userapi.web.blueprint import operations_of
from userapi.web.cors import init_cors, init_preflights
from userapi.web.docs import init_docs
from userapi.web.edge import init_edge, init_paths
from userapi.web.fields import SPECIAL_USE_ADDRESSES
from userapi.web.logging import init_logging
from userapi.web.operation import paths_where
from userapi.web.problems import CHECK_DECLARATIONS, answer_store_failure, init_problems
from userapi.web.proxies import init_prefix
from userapi.web.services import provide, provided
from userapi.web.strict_transport import init_strict_transport
from userapi.web.uploads import init_uploads


def create_app(config: str | Settings | None = None, *, features: Iterable[Feature] = ()) -> Flask:
    """Return the application for an environment's name, for `Settings`, or for `FLASK_ENV`.

    `features` are added to our own and to those of installed packages. In production a database
    whose schema is behind this version is refused with `SchemaBehind`, one without a key that
    could sign with `NoKeyToSign`; one that is newer is served, with a warning. Raises
    `SettingsError` when the environment is not fit to start with, `WiringError` when the features
    do not fit together.
    """
    app = build_app(config, features=features)
    with app.app_context():
        settings = provided(Settings)
        if not settings.is_testing:
            # What cannot be described is told now; and forked processes share what is.
            provided(Api).document()
    if settings.is_production:
        with before_forking(app):
            provided(Migrations).ensure_current()
            provided(FeatureList).ensure_ready()
    return app


def build_app(
    config: str | Settings | None = None,
    *,
    features: Iterable[Feature] = (),
    makes_instance: bool = True,
    keeps_problems: bool = False,
) -> Flask:
    """Return the application without a look at the database, for the commands.

    Without `makes_instance` no file and no folder is made for it. With `keeps_problems` defaults
    stand in for settings that are not valid, and the settings tell which.
    """
    chosen = FeatureList(all_features(features))
    if isinstance(config, Settings):
        settings = config
    else:
        settings = load_settings(
            config, features=chosen, makes_instance=makes_instance, keeps_problems=keeps_problems
        )
    log = settings.of(LoggingSettings)
    init_logging(log.level, is_json=log.is_json)
    settings.log_warnings()
    instance_path = str(settings.of(EnvironmentSettings).instance_path)
    app = Application("userapi", instance_path=instance_path, static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    parts = _parts(app, settings, chosen)
    app.config[STOPPING] = parts[Stopping]
    _init_requests(app, settings, chosen, parts)
    init_problems(app)
    for failure in STORE_FAILURES:
        app.register_error_handler(failure, answer_store_failure)
    api = init_api(app, *chosen.blueprints(), version=userapi.__version__)
    shown = settings.of(DocumentationSettings)
    init_docs(app, api, has_document=shown.openapi_enabled, has_pages=shown.docs_enabled)
    http = settings.of(HTTPSettings)
    _ensure_apart(app, http.root_path)
    init_prefix(app, root_path=http.root_path, trusted_proxies=http.trusted_proxies)
    provide(app, {**parts, Api: api})
    init_uploads(app, root_path=http.root_path)
    for command in all_commands(chosen):
        app.cli.add_command(command)
    return app


def _init_requests(
    app: Flask, settings: Settings, features: FeatureList, parts: Mapping[type, object]
) -> None:
    """Set up what happens to requests before their operation, in the order of these lines."""
    http = settings.of(HTTPSettings)
    init_edge(app, trusted_proxies=http.trusted_proxies)
    database = settings.of(DatabaseSettings)
    app.before_request(partial(waiting.begin, database.timeout.total_seconds()))
    app.teardown_request(waiting.end)
    if settings.is_production:
        init_strict_transport(
            app,
            lifetime=http.strict_transport_lifetime,
            subdomains=http.strict_transport_subdomains,
        )
    init_preflights(app, origins=http.cors_origins)
    init_paths(app)
    for feature in features:
        feature.init(app, parts)
    init_cors(
        app,
        origins=http.cors_origins,
        allow_headers=http.cors_allow_headers,
        operations=operations_of(features.blueprints()),
    )
    # As a server sees them: proxies may leave the prefix on.
    routes = [route for blueprint in features.blueprints() for route in blueprint.routes]
    own_threads = {
        "PATHS_TOUCHING_NOTHING": paths_where(routes, lambda it: it.touches_nothing),
        "PATHS_FOR_OPERATORS": paths_where(routes, lambda it: it.for_operators),
    }
    for name, paths in own_threads.items():
        app.config[name] = frozenset(paths | {f"{http.root_path}{path}" for path in paths})


def _flask_config(settings: Settings) -> dict[str, Any]:
    """Return what `app.config` is filled with."""
    http = settings.of(HTTPSettings)
    database = settings.of(DatabaseSettings)
    return {
        "DEBUG": settings.of(EnvironmentSettings).debug,
        "TESTING": settings.is_testing,
        CHECK_DECLARATIONS: settings.is_testing,
        SPECIAL_USE_ADDRESSES: not settings.is_production,
        "MAX_CONTENT_LENGTH": http.max_content_length,
        "HEAD_TIMEOUT": http.head_timeout,
        "BODY_TIMEOUT": http.body_timeout,
        "RESPONSE_TIMEOUT": http.response_timeout,
        "WAITING_TIMEOUT": database.timeout,
        "MAX_FORM_MEMORY_SIZE": http.max_content_length,
        # No response sets a cookie; should one ever, it is a safe one.
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SQLALCHEMY_DATABASE_URI": database.url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SQLALCHEMY_ECHO": database.echo,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    database, threads = settings.of(DatabaseSettings), settings.of(ServerSettings).threads
    pool = {"poolclass": CountingPool} if settings.of(MetricsSettings).are_on else {}
    return engine_options(database.url, database.pool_size, threads) | pool


def _parts(app: Flask, settings: Settings, features: FeatureList) -> dict[type, object]:
    named = settings.of(DatabaseSettings)
    connector = named.connector
    replica = read_replica(named.replica_url, _engine_options(settings), connector)
    database = init_database(app, connector, replica)
    given = {
        Settings: settings,
        Engines: Engines(database.engine, replica.engine if replica else None),
        Stopping: Stopping(),
        FeatureList: features,
        Migrations: Migrations(engine=database.engine, branches=features.branches()),
        DatabaseRoles: DatabaseRoles(engine=database.engine, metadata=metadata),
        Elsewhere: Elsewhere(
            lambda url: build_app(settings.replace(DatabaseSettings, url=url), features=features)
        ),
    }
    return build_parts(features, Shared(settings=settings, database=database, parts=given))


def _ensure_apart(app: Flask, root_path: str) -> None:
    """Raise `SettingsError` where a path of the service itself begins like what is taken off."""
    if root_path and any(
        rule.rule.startswith(f"{root_path}/") for rule in app.url_map.iter_rules()
    ):
        hint = (
            "must not be the beginning of a path that the service has itself; choose another, "
            "or let the proxy send X-Forwarded-Prefix"
        )
        raise SettingsError([Problem("ROOT_PATH", hint)])
