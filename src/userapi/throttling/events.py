"""What is audited of failed logins."""

from userapi.kit.events import Event


class ThrottlingEvent(Event):
    """What failed logins lead to."""

    LOCKED = "login:locked"
    UNLOCKED = "login:unlocked"
