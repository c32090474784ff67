"""An access token and a refresh token that belong together."""

import uuid
from datetime import datetime, timedelta

from userapi.sessions.records import TokenPair
from userapi.tokens.claims import TokenClaims, TokenIssuer, TokenKind, TokenSubject


def token_pair(
    tokens: TokenIssuer,
    subject: TokenSubject,
    refresh: TokenClaims,
    access_lifetime: timedelta,
    now: datetime,
) -> TokenPair:
    """Sign both tokens; the access token expires with the refresh token, if not before."""
    access_end = min(now + access_lifetime, refresh.expires_at)
    access = TokenClaims(str(uuid.uuid4()), now, access_end, tokens.signing_key_id())
    return TokenPair(
        access_token=tokens.issue(TokenKind.ACCESS, subject, access),
        refresh_token=tokens.issue(TokenKind.REFRESH, subject, refresh),
        expires_in=int((access_end - now).total_seconds()),
    )
