"""What the audit trail brings."""

from collections.abc import Iterator

from userapi.audit.diagnosis import DIAGNOSIS
from userapi.audit.events import DatabaseEvent
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.audit.resources import blp
from userapi.audit.service import (
    AuditRetention,
    AuditSearch,
    AuditTrail,
    ReplicatedReads,
    RestorationTrail,
)
from userapi.audit.settings import AuditSettings
from userapi.container import Feature, Implements, Purge, Shared
from userapi.kit.lists import ListReads
from userapi.kit.personal_data import PersonalData
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what records events, what searches them, and what deletes where they came from."""
    events = AuditRepository(db=shared.db)
    yield events
    trail = AuditTrail(events=events, client_info=shared.client_info, clock=shared.clock)
    yield trail
    yield RestorationTrail(transaction=shared.transaction, audit=trail)
    lists = ReplicatedReads(events=events, replica=shared.database.replica)
    yield Implements(ListReads, lists)
    yield AuditSearch(events=events, lists=lists)
    settings = shared.settings.of(AuditSettings)
    yield AuditRetention(
        transaction=shared.transaction,
        events=events,
        retention=settings.retention,
        origin_retention=settings.origin_retention,
        clock=shared.clock,
    )


FEATURE = Feature(
    name="audit",
    events=DatabaseEvent,
    blueprint=blp,
    build=build,
    settings=(AuditSettings,),
    models=(AuditEvent, AuditClientInfo),
    diagnoses=(DIAGNOSIS,),
    personal_data=(
        PersonalData(
            name="events",
            tables=("audit_events", "audit_origins"),
            export=lambda user_id: provided(AuditSearch).export_own(user_id),
            # The events stay: their ids name somebody who is no one any more.
            erase=lambda user_id, limit: provided(AuditRepository).delete_client_info_of(
                user_id, limit
            ),
        ),
    ),
    purges=(
        Purge(
            "origins of events",
            delete=lambda report: provided(AuditRetention).delete_expired_origins(report),
            count=lambda: provided(AuditRetention).count_expired_origins(),
            by_owner=True,
        ),
        Purge(
            "events",
            delete=lambda report: provided(AuditRetention).delete_expired_events(report),
            count=lambda: provided(AuditRetention).count_expired_events(),
            by_owner=True,
        ),
    ),
)
