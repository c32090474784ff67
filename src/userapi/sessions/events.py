"""What is audited of sessions."""

from userapi.kit.events import Event


class SessionEvent(Event):
    """What happens to login sessions."""

    CREATED = "session:created"
    REFRESHED = "session:refreshed"
    REVOKED = "session:revoked"
    OTHERS_REVOKED = "sessions:revoked"
    REFRESH_REPEATED = "refresh:repeated"
    REFRESH_REUSED = "refresh:reused"
