"""What rate limits bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from limits.errors import StorageError

from userapi.container import Feature, Shared
from userapi.db.rate_limits import RateLimitCount, RateLimitStore, database_store, redis_store
from userapi.settings import Settings
from userapi.web.limits import init_limits
from userapi.web.problems import answer_store_failure


def build(shared: Shared) -> Iterator[object]:
    """Yield where rate limits are counted."""
    yield build_store(shared.settings)


def build_store(settings: Settings) -> RateLimitStore:
    """Return where rate limits are counted: in the Redis that is named, or in the database."""
    if settings.rate_limits.storage_uri:
        return redis_store(settings.rate_limits.storage_uri)
    return database_store(settings.database_url, settings.engine_options())


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Limit the operations of `app`."""
    app.register_error_handler(StorageError, answer_store_failure)
    settings, store = parts[Settings], parts[RateLimitStore]
    if settings.rate_limits.enabled:
        init_limits(
            app,
            limits=settings.rate_limits.of_operations(),
            storage_uri=store.uri,
            storage_options=store.options,
        )


FEATURE = Feature(name="rate_limits", build=build, init=init, models=(RateLimitCount,))
