"""What leaving declares of its operations."""

from sqlalchemy.orm import Session

from support.accounts import PASSWORD
from support.rows import add_user_row
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.leaving.events import LeavingEvent
from userapi.testing.contract import Call, Contract
from userapi.users.events import UserEvent


def add_closed_user_row(session: Session, _: int) -> int:
    """Commit a user whose account was closed just now; return its id."""
    return add_user_row(session, "closed@example.com", deleted_at=utc_now())


CONTRACT = Contract(
    calls={
        "export_own_data": Call(is_limited=True),
        "close_own_account": Call(
            body={"password": PASSWORD}, status=204, event=UserEvent.DELETED, is_limited=True
        ),
        "restore_user": Call(event=LeavingEvent.RESTORED, role=Role.ADMIN),
    },
    schemas={"AccountClosing", "Export", "ExportSection", "User"},
    objects={"closed_user_id": add_closed_user_row},
)
