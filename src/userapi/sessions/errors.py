"""What can go wrong with a session.

DomainError
├── SessionNotFound         the user has no live session with this id
└── TokenRefused
    └── RefreshTokenReused  the refresh token was replaced before: the session is ended
"""

from userapi.kit.errors import DomainError, Kind, TokenRefused


class SessionNotFound(DomainError):
    """The user has no session with this id, or it is over."""

    kind = Kind.NOT_FOUND
    code = "session-not-found"
    title = "Session not found"
    detail = "The user has no session with this id, or it has ended."


class RefreshTokenReused(TokenRefused):
    """The refresh token was replaced before; its session is ended, in case it was stolen."""

    code = "refresh-token-reused"
    title = "Refresh token already used"
    detail = (
        "A newer refresh token has replaced this one. It may have been copied, so the session was "
        "ended; log in again."
    )
