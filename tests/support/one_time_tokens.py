"""One-time tokens that a test knows, in the place of those that were mailed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from userapi.kit.secrets import new_token, token_digest
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import TOKEN_PREFIX


def known_token(session: Session, purpose: Purpose) -> str:
    """Let the newest token for that purpose be another one; return it."""
    newest = select(OneTimeToken).where(OneTimeToken.purpose == purpose)
    row = session.scalars(newest.order_by(OneTimeToken.created_at.desc()).limit(1)).one()
    token = new_token(TOKEN_PREFIX)
    row.token_hash = token_digest(token)
    session.commit()
    return token
