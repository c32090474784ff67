"""What is audited of registration."""

from userapi.kit.events import Event


class AccountEvent(Event):
    """What happens to accounts."""

    CREATED = "account:created"
