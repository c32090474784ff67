"""What changes of many users declare of their operation."""

from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind
from userapi.users.events import UserEvent

CONTRACT = Contract(
    calls={
        "bulk_update_users": Call(
            Kind.BATCH,
            body={"filter": {"role": "user", "is_active": True}, "change": {"is_active": False}},
            also_sets={"dry_run"},
            event=UserEvent.DEACTIVATED,
            role=Role.ADMIN,
        ),
    },
    schemas={"BulkResult", "BulkUpdate", "UserChange", "UserFilter"},
)
