"""The closed vocabulary of the audit trail."""

from enum import StrEnum


class Event(StrEnum):
    """What can happen: `<thing>:<what happened to it>`."""

    ACCOUNT_CREATED = "account:created"
    USER_UPDATED = "user:updated"
    USER_DEACTIVATED = "user:deactivated"
    USER_ACTIVATED = "user:activated"
    USER_DELETED = "user:deleted"
    ROLE_CHANGED = "role:changed"
    SESSION_CREATED = "session:created"
    SESSION_REFRESHED = "session:refreshed"
    SESSION_REVOKED = "session:revoked"
    SESSIONS_REVOKED = "sessions:revoked"
    REFRESH_REPEATED = "refresh:repeated"
    REFRESH_REUSED = "refresh:reused"
    LOGIN_FAILED = "login:failed"
    LOGIN_LOCKED = "login:locked"
    LOGIN_UNLOCKED = "login:unlocked"
    POST_CREATED = "post:created"
    POST_UPDATED = "post:updated"
    POST_DELETED = "post:deleted"
    KEY_CREATED = "key:created"
    KEY_RETIRED = "key:retired"
