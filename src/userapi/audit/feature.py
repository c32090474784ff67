"""What the audit trail brings."""

from collections.abc import Iterator

from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.audit.resources import blp
from userapi.audit.service import AuditRetention, AuditSearch, AuditTrail
from userapi.audit.settings import AuditSettings
from userapi.container import Feature, Purge, Shared
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what records events, what searches them, and what deletes where they came from."""
    events = AuditRepository(db=shared.db)
    yield AuditTrail(events=events, client_info=shared.client_info, clock=shared.clock)
    yield AuditSearch(events=events)
    yield AuditRetention(
        transaction=shared.transaction,
        events=events,
        retention=shared.settings.of(AuditSettings).origin_retention,
        clock=shared.clock,
    )


FEATURE = Feature(
    name="audit",
    blueprint=blp,
    build=build,
    settings=(AuditSettings,),
    models=(AuditEvent, AuditClientInfo),
    purges=(
        Purge(
            "origins of events",
            lambda: provided(AuditRetention).delete_expired(),
            by_owner=True,
        ),
    ),
)
