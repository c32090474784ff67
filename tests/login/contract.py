"""What the login declares of its operation."""

from support.accounts import PASSWORD
from userapi.sessions.events import SessionEvent
from userapi.testing.contract import Call, Contract

CONTRACT = Contract(
    calls={
        "login": Call(
            # Nobody ends the administrator's account while the owner's comes to an end.
            body={"email": "root@example.com", "password": PASSWORD},
            event=SessionEvent.CREATED,
            bearer="none",
            is_limited=True,
        ),
    },
    schemas={"Login", "LoginResult"},
)
