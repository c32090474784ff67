"""What the administration of accounts declares of its operations."""

from userapi.kit.principal import Role
from userapi.registration.events import AccountEvent
from userapi.testing.contract import Call, Contract, Kind

NEW_USER = {
    "email": "alan@example.com",
    "first_name": "Alan",
    "last_name": "Turing",
    "role": "moderator",
}

CONTRACT = Contract(
    calls={
        "create_user": Call(
            Kind.CREATE,
            body=NEW_USER,
            also_sets={"language"},
            status=201,
            event=AccountEvent.CREATED,
            role=Role.ADMIN,
            is_limited=True,
        ),
        "set_user_email": Call(
            Kind.EDIT,
            body={"email": "augusta@example.com"},
            also_sets={"verified"},
            event=AccountEvent.EMAIL_CHANGED,
            role=Role.ADMIN,
        ),
    },
    schemas={"EmailCorrection", "NewUser", "User"},
)
