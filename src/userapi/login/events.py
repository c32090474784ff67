"""What is audited of logging in."""

from userapi.kit.events import Event


class LoginEvent(Event):
    """What happens when somebody logs in."""

    FAILED = "login:failed"
