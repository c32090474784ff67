"""What rate limits bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from limits.errors import StorageError
from sqlalchemy.pool import Pool, QueuePool

from userapi.config.database import DatabaseSettings
from userapi.config.settings import Settings
from userapi.container import Feature, Implements, Purge, Shared
from userapi.db.engine import engine_options
from userapi.kit.errors import summary_of
from userapi.rate_limits.database_store import DatabaseStore
from userapi.rate_limits.decorator import facts_of_limits
from userapi.rate_limits.diagnosis import DIAGNOSIS
from userapi.rate_limits.errors import StoreSilent
from userapi.rate_limits.http import init_general_limits, init_named_limits
from userapi.rate_limits.memory import MemoryLimit
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.redis_store import RedisStore
from userapi.rate_limits.retention import RateLimitRetention
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.web.common_facts import add_common_facts
from userapi.web.problems import answer_store_failure
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield where rate limits are counted, and what deletes counts there."""
    store = build_store(shared.settings, poolclass=type(shared.database.engine.pool))
    yield Implements(RateLimitStore, store)
    yield RateLimitRetention(store=store)


def build_store(settings: Settings, *, poolclass: type[Pool] = QueuePool) -> RateLimitStore:
    """Return where rate limits are counted: in the Redis that is named, or in the database.

    No connection is made yet.
    """
    if settings.of(RateLimitSettings).storage_uri:
        return RedisStore(settings.of(RateLimitSettings).storage_uri)
    database = settings.of(DatabaseSettings)
    options = engine_options(database.url, database.pool_size)
    return DatabaseStore(database.url, {**options, "poolclass": poolclass}, database.connector)


def ensure_store_answers() -> None:
    """Raise `StoreSilent` where a Redis is named, and cannot be asked."""
    limits = provided(Settings).of(RateLimitSettings)
    if not (limits.storage_uri and limits.enabled):
        return
    store = provided(RateLimitStore)
    try:
        store.counts(["start"])
    except StorageError as error:
        raise StoreSilent(summary_of(error)) from None
    finally:
        store.dispose()  # the processes that are forked would share the connection


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
    checks=(ensure_store_answers,),
    diagnoses=(DIAGNOSIS,),
    purges=(
        Purge(
            "counts of rate limits",
            delete=lambda report: provided(RateLimitRetention).delete_expired(report),
            count=lambda: provided(RateLimitRetention).count_expired(),
        ),
    ),
)
