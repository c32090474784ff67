"""What passwords declare of their operations."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD
from support.reset_links import add_reset_token
from userapi.kit.principal import Role
from userapi.passwords.events import PasswordEvent
from userapi.testing.contract import Call, Contract
from userapi.users.models import User

TOKEN = "uao_of-the-contract"


def arrange(session: Session, user_id: int) -> None:
    """Commit a token for the administrator, whom nothing ends, or else for that user."""
    admin = session.scalar(select(User.id).where(User.email == "root@example.com"))
    add_reset_token(session, admin or user_id, TOKEN)


CONTRACT = Contract(
    calls={
        "change_password": Call(
            body={"current_password": PASSWORD, "new_password": "enigma bombe"},
            status=204,
            event=PasswordEvent.CHANGED,
            is_limited=True,
        ),
        "forget_password": Call(
            body={"email": "ada@example.com"},
            status=202,
            event=PasswordEvent.FORGOTTEN,
            bearer="none",
            is_limited=True,
        ),
        "reset_password": Call(
            body={"token": TOKEN, "new_password": "enigma bombe"},
            status=204,
            event=PasswordEvent.RESET,
            bearer="none",
            is_limited=True,
        ),
        "reset_user_password": Call(status=202, event=PasswordEvent.VOIDED, role=Role.ADMIN),
    },
    schemas={"PasswordChange", "PasswordForgotten", "PasswordMail", "PasswordReset"},
    arrange=arrange,
)
