"""Where rate limits are counted, as `userapi doctor` sees it."""

from collections.abc import Iterator

from limits.errors import StorageError

from userapi.config.settings import Settings
from userapi.kit.diagnoses import Diagnosis, Finding, ok, warning
from userapi.kit.errors import summary_of
from userapi.rate_limits.errors import StoreSilent
from userapi.rate_limits.redis_store import RedisStore
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.web.services import provided

_KEEPING = ("", "noeviction")


def limit_findings() -> Iterator[Finding]:
    """Yield whether clients are limited, and whether counts can be lost."""
    settings = provided(Settings).of(RateLimitSettings)
    if not settings.enabled:
        yield warning("nothing limits guessing passwords", "set RATELIMIT_ENABLED=true")
        return
    store = provided(RateLimitStore)
    if not isinstance(store, RedisStore):
        yield ok("counted in the database")
        return
    try:
        version, policy = store.facts()
    except StorageError as error:
        raise StoreSilent(summary_of(error)) from None
    yield ok(f"counted in Redis {version}")
    if policy not in _KEEPING:
        told = f"Redis forgets counts when its memory is full (maxmemory-policy {policy})"
        yield warning(told, "set maxmemory-policy noeviction there, or use a Redis of its own")


DIAGNOSIS = Diagnosis(name="rate-limits", look=limit_findings, needs=("RATELIMIT_",))
