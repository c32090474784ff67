"""What changing many users brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.bulk_updates.repository import BulkRepository
from userapi.bulk_updates.resources import blp
from userapi.bulk_updates.service import JOB, BulkUpdates, RoleNotices
from userapi.container import Feature, Shared
from userapi.kit.jobs import JobHandler
from userapi.mail.notices import Notices
from userapi.outbox.service import Later
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what changes many users, and what tells them."""
    many = BulkRepository(db=shared.db)
    yield BulkUpdates(
        transaction=shared.transaction,
        many=many,
        users=shared.get(UserRepository),
        removal=shared.get(UserRemoval),
        later=shared.get(Later),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )
    yield RoleNotices(transaction=shared.transaction, many=many, notices=shared.get(Notices))


FEATURE = Feature(
    name="bulk_updates",
    blueprint=blp,
    build=build,
    jobs=(JobHandler(kind=JOB, run=lambda payload: provided(RoleNotices).tell(payload)),),
)
