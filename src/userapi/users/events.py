"""What is audited of users."""

from userapi.kit.events import Event


class UserEvent(Event):
    """What happens to users."""

    UPDATED = "user:updated"
    DEACTIVATED = "user:deactivated"
    ACTIVATED = "user:activated"
    DELETED = "user:deleted"
    ROLE_CHANGED = "role:changed"
