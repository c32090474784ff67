"""What users declare of their operations."""

from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind
from userapi.users.events import UserEvent

CONTRACT = Contract(
    calls={
        "get_current_user": Call(Kind.READ),
        "get_user": Call(Kind.READ),
        "update_user": Call(
            Kind.EDIT,
            body={"first_name": "Augusta"},
            also_sets={"last_name", "language", "is_active"},
            event=UserEvent.UPDATED,
            role=Role.ADMIN,
            or_owner=True,
        ),
        "set_user_role": Call(
            Kind.EDIT,
            body={"role": "moderator"},
            event=UserEvent.ROLE_CHANGED,
            role=Role.ADMIN,
        ),
        "delete_user": Call(Kind.REMOVE, status=204, event=UserEvent.DELETED, role=Role.ADMIN),
    },
    schemas={"RoleChange", "User", "UserUpdate"},
)
