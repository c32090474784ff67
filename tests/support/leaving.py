"""What closes accounts, and accounts that were closed."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.logins import history_on
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.db.session import ScopedSession
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import StoredAnswers
from userapi.kit.client_info import ClientInfo
from userapi.kit.clock import Clock, utc_now
from userapi.leaving.services.closing import ClosingAccounts
from userapi.mail.notices import Notices
from userapi.one_time_tokens.repository import OneTimeTokenRepository
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.sessions.repository import SessionRepository
from userapi.users.models import User
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository
from userapi.web.services import provided

GRACE = timedelta(days=30)
"""How long an account can be restored, if nobody decides otherwise."""


def removal_on(session: ScopedSession, clock: Clock) -> UserRemoval:
    """Return what ends all that users have, on that session."""
    return UserRemoval(
        sessions=SessionRepository(db=session, clock=database_clock_of(clock)),
        traces=history_on(session),
        links=OneTimeTokens(tokens=OneTimeTokenRepository(db=session)),
        answers=StoredAnswers(keys=IdempotencyKeyRepository(db=session)),
        clock=clock,
    )


def closing_on(session: ScopedSession, clock: Clock) -> ClosingAccounts:
    """Return what closes accounts, on that session."""
    return ClosingAccounts(
        users=UserRepository(db=session),
        removal=removal_on(session, clock),
        tokens=OneTimeTokens(tokens=OneTimeTokenRepository(db=session)),
        notices=provided(Notices),
        audit=AuditTrail(events=AuditRepository(db=session), client_info=ClientInfo, clock=clock),
        grace=GRACE,
        clock=clock,
    )


def close_long_ago(session: Session, user_id: int, ago: timedelta = GRACE) -> datetime:
    """Have an account be closed so long ago, behind the application's back."""
    closed_at = utc_now() - ago
    session.execute(update(User).where(User.id == user_id).values(deleted_at=closed_at))
    session.commit()
    return closed_at
