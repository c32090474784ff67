"""What lockouts declare of their operation."""

from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract
from userapi.throttling.events import ThrottlingEvent

CONTRACT = Contract(
    calls={"unlock_user": Call(status=204, event=ThrottlingEvent.UNLOCKED, role=Role.ADMIN)},
)
