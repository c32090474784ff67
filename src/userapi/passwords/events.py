"""What is audited of passwords."""

from userapi.kit.events import Event


class PasswordEvent(Event):
    """What happens to passwords."""

    FORGOTTEN = "password:forgotten"
    CHANGED = "password:changed"
    RESET = "password:reset"
    VOIDED = "password:voided"
    LINK_ISSUED = "password:link-issued"
    REFUSED = "password:refused"
    LOCKED = "password:locked"
