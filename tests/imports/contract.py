"""What imports declare of their operations."""

import uuid

from sqlalchemy.orm import Session

from support.rows import add_row
from userapi.imports.events import ImportEvent
from userapi.imports.models import Import
from userapi.imports.records import ImportFormat, ImportState, OnDuplicate
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind

LINE = '{"email": "mary@example.com", "first_name": "Mary", "last_name": "Somerville"}\n'


def add_import_row(session: Session, requested_by: int) -> uuid.UUID:
    """Commit an import by that user that waits for its first part; return its id."""
    row = Import(
        state=ImportState.RECEIVING,
        format=ImportFormat.NDJSON,
        on_duplicate=OnDuplicate.SKIP,
        keeps_ids=False,
        is_dry_run=False,
        requested_by=requested_by,
        created_at=utc_now(),
    )
    import_id: uuid.UUID = add_row(session, row)
    return import_id


CONTRACT = Contract(
    calls={
        "list_imports": Call(Kind.LIST, role=Role.ADMIN),
        "create_import": Call(
            body={"format": "ndjson", "content": LINE},
            also_sets={"on_duplicate", "is_dry_run", "is_complete"},
            status=202,
            event=ImportEvent.STARTED,
            role=Role.ADMIN,
            is_limited=True,
        ),
        "upload_import": Call(
            file=LINE.encode(),
            status=202,
            event=ImportEvent.STARTED,
            role=Role.ADMIN,
            is_limited=True,
        ),
        "get_import": Call(role=Role.ADMIN),
        "list_import_refusals": Call(Kind.LIST, role=Role.ADMIN),
        "cancel_import": Call(status=204, event=ImportEvent.CANCELLED, role=Role.ADMIN),
        "add_import_part": Call(
            body={"number": 1, "content": LINE},
            also_sets={"is_complete"},
            status=202,
            event=ImportEvent.CONTINUED,
            role=Role.ADMIN,
            is_limited=True,
        ),
        "export_users": Call(role=Role.ADMIN, is_limited=True),
    },
    schemas={
        "Import",
        "ImportCreate",
        "ImportPage",
        "ImportPart",
        "RefusedRow",
        "RefusedRowPage",
        "UserExport",
    },
    objects={"import_id": add_import_row},
)
