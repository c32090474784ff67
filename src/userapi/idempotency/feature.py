"""What idempotency keys bring."""

from collections.abc import Iterator

from userapi.container import Feature, Purge, Shared
from userapi.idempotency.http import IdempotentRequests
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what performs requests once, for the services and for HTTP."""
    service = IdempotencyService(
        transaction=shared.transaction,
        keys=IdempotencyKeyRepository(db=shared.db),
        clock=shared.clock,
    )
    yield service
    yield IdempotentRequests(
        runner=service, fingerprint_key=shared.derived_key("idempotency fingerprints")
    )


FEATURE = Feature(
    name="idempotency",
    build=build,
    models=(IdempotencyKey,),
    purges=(
        Purge("expired idempotency keys", lambda: provided(IdempotencyService).delete_expired()),
    ),
)
