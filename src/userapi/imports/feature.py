"""What imports bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Purge, Shared
from userapi.imports.commands import users
from userapi.imports.events import ImportEvent
from userapi.imports.models import Import, ImportPart, ImportRefusal
from userapi.imports.repository import ImportRepository
from userapi.imports.resources import blp
from userapi.imports.services.exporting import ExportService
from userapi.imports.services.loading import ImportLoader
from userapi.imports.services.operating import OperatorImports
from userapi.imports.services.receiving import JOB, ImportService
from userapi.imports.services.retention import ImportRetention
from userapi.imports.services.running import ImportJobs
from userapi.imports.services.trial import ImportTrial
from userapi.imports.settings import ImportSettings
from userapi.imports.store import UserRows
from userapi.kit.jobs import JobHandler
from userapi.kit.personal_data import PersonalData, keep
from userapi.kit.uploads import UploadLimits
from userapi.outbox.service import Later
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what brings users in and out."""
    imports = ImportRepository(db=shared.db, clock=shared.database_clock)
    rows = UserRows(db=shared.db)
    audit = shared.get(AuditTrail)
    yield imports
    loader = ImportLoader(
        transaction=shared.transaction,
        imports=imports,
        rows=rows,
        users=shared.get(UserRepository),
        audit=audit,
        clock=shared.clock,
        special_use=not shared.settings.is_production,
    )
    yield loader
    trial = ImportTrial(rows=rows)
    yield trial
    yield from _build_http(shared, imports, rows)
    yield ImportJobs(
        transaction=shared.transaction,
        imports=imports,
        loader=loader,
        trial=trial,
        later=shared.get(Later),
        clock=shared.clock,
    )
    yield ImportRetention(
        transaction=shared.transaction,
        imports=imports,
        loader=loader,
        retention=shared.settings.of(ImportSettings).retention,
        clock=shared.clock,
    )
    yield OperatorImports(transaction=shared.transaction, imports=imports, rows=rows, audit=audit)


def _build_http(shared: Shared, imports: ImportRepository, rows: UserRows) -> Iterator[object]:
    settings = shared.settings.of(ImportSettings)
    yield ImportService(
        transaction=shared.transaction,
        imports=imports,
        later=shared.get(Later),
        audit=shared.get(AuditTrail),
        max_bytes=settings.max_bytes,
        upload_limits=UploadLimits(settings.upload_max_bytes, settings.upload_timeout),
    )
    yield ExportService(rows=rows)


FEATURE = Feature(
    name="imports",
    events=ImportEvent,
    blueprint=blp,
    build=build,
    settings=(ImportSettings,),
    models=(Import, ImportPart, ImportRefusal),
    commands=(users,),
    jobs=(
        JobHandler(
            kind=JOB,
            run=lambda payload: provided(ImportJobs).run(payload),
            given_up=lambda payload: provided(ImportJobs).give_up(payload),
        ),
    ),
    purges=(
        Purge(
            "ended imports",
            delete=lambda report: provided(ImportRetention).delete_ended(report),
            count=lambda: provided(ImportRetention).count_ended(),
        ),
    ),
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
