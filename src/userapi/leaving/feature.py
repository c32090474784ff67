"""What leaving brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, FeatureList, Implements, Purge, Shared
from userapi.leaving.commands import export_user
from userapi.leaving.events import LeavingEvent
from userapi.leaving.repository import ClosedAccountRepository
from userapi.leaving.resources import blp
from userapi.leaving.services.closing import ClosingAccounts, LeavingService
from userapi.leaving.services.erasure import Erasure
from userapi.leaving.services.export import ExportService
from userapi.leaving.services.restoring import RestoreService
from userapi.leaving.settings import LeavingSettings
from userapi.mail.notices import Notices
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.services.proof import PasswordProof
from userapi.registration.services.holders import AddressHolders
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository
from userapi.users.service import AccountCloser
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what closes, restores, exports and erases."""
    grace = shared.settings.of(LeavingSettings).erasure_grace
    closed = ClosedAccountRepository(db=shared.db, clock=shared.database_clock)
    kinds = shared.get(FeatureList).personal_data()
    closing = ClosingAccounts(
        users=shared.get(UserRepository),
        removal=shared.get(UserRemoval),
        tokens=shared.get(OneTimeTokens),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        grace=grace,
        clock=shared.clock,
    )
    yield Implements(AccountCloser, closing)
    yield LeavingService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        proof=shared.get(PasswordProof),
        closing=closing,
    )
    yield RestoreService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        closed=closed,
        holders=shared.get(AddressHolders),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        grace=grace,
    )
    yield ExportService(transaction=shared.transaction, closed=closed, kinds=kinds)
    yield Erasure(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        closed=closed,
        kinds=kinds,
        grace=grace,
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(
    name="leaving",
    events=LeavingEvent,
    blueprint=blp,
    build=build,
    settings=(LeavingSettings,),
    commands=(export_user,),
    purges=(
        Purge(
            "persons of closed accounts",
            delete=lambda report: provided(Erasure).erase_due(report),
            count=lambda: provided(Erasure).count_due(),
            by_owner=True,
        ),
    ),
)
