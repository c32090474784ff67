"""One-time tokens and registrations that wait, as rows."""

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from userapi.kit.clock import utc_now
from userapi.kit.secrets import token_digest
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.registration.models import PendingRegistration

_DAY = timedelta(days=1)


def add_link(
    session: Session,
    purpose: Purpose,
    address: str,
    *,
    user_id: int | None = None,
    subject_id: uuid.UUID | None = None,
    binding: str | None = None,
) -> str:
    """Commit a token, and return it; holds no lock afterwards."""
    token, now = f"uao_{uuid.uuid4()}", utc_now()
    session.add(
        OneTimeToken(
            purpose=purpose,
            token_hash=token_digest(token),
            user_id=user_id,
            subject_id=subject_id,
            address=address,
            binding=binding,
            created_at=now,
            expires_at=now + _DAY,
        )
    )
    session.commit()
    return token


def add_waiting(session: Session, email: str) -> str:
    """Commit a registration that waits, and return its token; holds no lock afterwards."""
    waiting_id, now = uuid.uuid4(), utc_now()
    session.add(
        PendingRegistration(
            id=waiting_id,
            email=email,
            password_hash="none",
            first_name="Ada",
            last_name="Lovelace",
            created_at=now,
            expires_at=now + _DAY,
        )
    )
    return add_link(session, Purpose.REGISTRATION, email, subject_id=waiting_id)
