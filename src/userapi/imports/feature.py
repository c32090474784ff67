"""What imports bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.imports.commands import users
from userapi.imports.events import ImportEvent
from userapi.imports.models import Import, ImportPart
from userapi.imports.repository import ImportRepository
from userapi.imports.services.loading import ImportLoader
from userapi.imports.services.operating import OperatorImports
from userapi.imports.services.trial import ImportTrial
from userapi.imports.settings import ImportSettings
from userapi.imports.store import UserRows
from userapi.kit.personal_data import PersonalData, keep
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what brings users in and out."""
    imports = ImportRepository(db=shared.db, clock=shared.database_clock)
    rows = UserRows(db=shared.db)
    audit = shared.get(AuditTrail)
    yield imports
    yield ImportLoader(
        transaction=shared.transaction,
        imports=imports,
        rows=rows,
        users=shared.get(UserRepository),
        audit=audit,
        clock=shared.clock,
        special_use=not shared.settings.is_production,
    )
    yield ImportTrial(rows=rows)
    yield OperatorImports(transaction=shared.transaction, imports=imports, rows=rows, audit=audit)


FEATURE = Feature(
    name="imports",
    events=ImportEvent,
    build=build,
    settings=(ImportSettings,),
    models=(Import, ImportPart),
    commands=(users,),
    personal_data=(
        # Those that a person has asked for stay, and name nobody once the person is erased.
        PersonalData(
            name="imports",
            tables=("imports",),
            export=lambda user_id: provided(ImportRepository).of_user(user_id),
            erase=keep,
        ),
    ),
)
