"""What is audited of leaving."""

from userapi.kit.events import Event


class LeavingEvent(Event):
    """What happens to an account after it was closed, which is `user:deleted`."""

    RESTORED = "user:restored"
    ERASED = "user:erased"
