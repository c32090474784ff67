"""What registration declares of its operations."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, REGISTRATION
from userapi.kit.clock import utc_now
from userapi.kit.secrets import token_digest
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.registration.events import AccountEvent
from userapi.testing.contract import Call, Contract, Kind
from userapi.users.models import User

PROOF = "uao_proof-of-the-contract"
UNDO = "uao_undo-of-the-contract"


def add_links(session: Session, user_id: int) -> None:
    """Commit the tokens for the administrator, whom nothing ends, or else for that user."""
    named = func.coalesce(
        select(User.id).where(User.email == "root@example.com").scalar_subquery(), user_id
    )
    user = session.scalars(select(User).where(User.id == named)).one()
    tokens = {PROOF: Purpose.EMAIL_VERIFICATION, UNDO: Purpose.EMAIL_UNDO}
    hashes = [token_digest(token) for token in tokens]
    session.execute(delete(OneTimeToken).where(OneTimeToken.token_hash.in_(hashes)))
    now = utc_now()
    session.add_all(
        OneTimeToken(
            purpose=purpose,
            token_hash=token_digest(token),
            user_id=user.id,
            address=user.email,
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
        for token, purpose in tokens.items()
    )
    session.commit()


CONTRACT = Contract(
    calls={
        "register": Call(
            Kind.CREATE,
            # The password that tests look for in every answer.
            body={**REGISTRATION, "password": PASSWORD},
            also_sets={"language", "invitation_token"},
            status=201,
            event=AccountEvent.CREATED,
            bearer="none",
            is_limited=True,
        ),
        "verify_email": Call(
            body={"token": PROOF},
            event=AccountEvent.EMAIL_VERIFIED,
            bearer="none",
            is_limited=True,
        ),
        "resend_verification": Call(
            body={"email": "ada@example.com"},
            status=202,
            event=AccountEvent.EMAIL_VERIFICATION_REQUESTED,
            bearer="none",
            is_limited=True,
        ),
        "change_email": Call(
            body={"password": PASSWORD, "new_email": "augusta@example.com"},
            status=202,
            event=AccountEvent.EMAIL_CHANGE_REQUESTED,
            is_limited=True,
        ),
        "undo_email_change": Call(
            body={"token": UNDO},
            event=AccountEvent.EMAIL_CHANGE_UNDONE,
            bearer="none",
            is_limited=True,
        ),
    },
    schemas={
        "Address",
        "AddressMail",
        "EmailChange",
        "EmailToken",
        "ProvenAddress",
        "RegistrationPending",
        "User",
        "UserCreate",
    },
    arrange=add_links,
)
