"""What registration declares of its operation."""

from support.accounts import PASSWORD, REGISTRATION
from userapi.registration.events import AccountEvent
from userapi.testing.contract import Call, Contract, Kind

CONTRACT = Contract(
    calls={
        "register": Call(
            Kind.CREATE,
            # The password that tests look for in every answer.
            body={**REGISTRATION, "password": PASSWORD},
            also_sets={"language"},
            status=201,
            event=AccountEvent.CREATED,
            bearer="none",
            is_limited=True,
        ),
    },
    schemas={"User", "UserCreate"},
)
