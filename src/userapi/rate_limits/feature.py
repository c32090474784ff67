"""What rate limits bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from limits.errors import StorageError

from userapi.config.groups import DatabaseSettings
from userapi.config.settings import Settings
from userapi.container import Feature, Purge, Shared
from userapi.db.engine import engine_options
from userapi.rate_limits.decorator import facts_of_limits
from userapi.rate_limits.http import init_general_limits, init_named_limits
from userapi.rate_limits.memory import MemoryLimit
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.retention import RateLimitRetention
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.storage import DatabaseStorage
from userapi.rate_limits.store import RateLimitStore, database_store, redis_store
from userapi.web.common_facts import add_common_facts
from userapi.web.problems import answer_store_failure
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield where rate limits are counted, and what deletes counts there."""
    store = build_store(shared.settings)
    yield store
    yield build_retention(store)


def build_store(settings: Settings) -> RateLimitStore:
    """Return where rate limits are counted: in the Redis that is named, or in the database."""
    if settings.of(RateLimitSettings).storage_uri:
        return redis_store(settings.of(RateLimitSettings).storage_uri)
    database = settings.of(DatabaseSettings)
    options = engine_options(database.url, database.pool_size, is_preparing=database.is_preparing)
    return database_store(database.url, options)


def build_retention(store: RateLimitStore) -> RateLimitRetention:
    """Return what deletes old counts; a Redis does so by itself."""
    if "engine" not in store.options:
        return RateLimitRetention(count=lambda: 0, delete_some=lambda: 0)
    storage = DatabaseStorage(**store.options)
    return RateLimitRetention(count=storage.count_expired, delete_some=storage.delete_expired)


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Limit the operations of `app`; the document says so whether limits are on or off."""
    add_common_facts(app, facts_of_limits)
    app.register_error_handler(StorageError, answer_store_failure)
    limits, store = parts[Settings].of(RateLimitSettings), parts[RateLimitStore]
    if limits.enabled:
        init_general_limits(
            app,
            clients=MemoryLimit(name="client", limit=limits.client),
            writes=MemoryLimit(name="writes", limit=limits.writes),
        )
        init_named_limits(app, store=store, limits=limits.by_name())


FEATURE = Feature(
    name="rate_limits",
    build=build,
    init=init,
    models=(RateLimitCount,),
    settings=(RateLimitSettings,),
    purges=(
        Purge(
            "counts of rate limits",
            delete=lambda report: provided(RateLimitRetention).delete_expired(report),
            count=lambda: provided(RateLimitRetention).count_expired(),
        ),
    ),
)
