"""What idempotency keys bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Purge, Shared
from userapi.idempotency.events import IdempotencyEvent
from userapi.idempotency.http import IdempotentRequests
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService, MismatchCounter, StoredAnswers
from userapi.idempotency.settings import IdempotencySettings
from userapi.kit.personal_data import PersonalData
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what performs requests once, for the services and for HTTP."""
    keys = IdempotencyKeyRepository(db=shared.db)
    service = IdempotencyService(
        transaction=shared.transaction,
        keys=keys,
        mismatches=shared.late(MismatchCounter),
        audit=shared.get(AuditTrail),
        retention=shared.settings.of(IdempotencySettings).retention,
        clock=shared.clock,
    )
    yield service
    yield StoredAnswers(keys=keys)
    yield IdempotentRequests(runner=service, key=shared.derived_key("idempotency fingerprints"))


FEATURE = Feature(
    name="idempotency",
    events=IdempotencyEvent,
    build=build,
    settings=(IdempotencySettings,),
    models=(IdempotencyKey,),
    personal_data=(
        PersonalData(
            name="repeatable-requests",
            tables=("idempotency_keys",),
            export=None,
            # All at once: a user makes few changes a day.
            erase=lambda user_id, _: provided(StoredAnswers).delete_of_caller(user_id),
        ),
    ),
    purges=(
        Purge(
            "expired idempotency keys",
            delete=lambda report: provided(IdempotencyService).delete_expired(report),
            count=lambda: provided(IdempotencyService).count_expired(),
        ),
    ),
)
