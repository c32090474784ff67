"""What is audited of registration and of addresses."""

from userapi.kit.events import Event


class AccountEvent(Event):
    """What happens to accounts."""

    CREATED = "account:created"
    PENDING = "account:pending"
    REPLACED = "account:replaced"
    EMAIL_VERIFIED = "email:verified"
    EMAIL_VERIFICATION_REQUESTED = "email:verification-requested"
    EMAIL_CHANGE_REQUESTED = "email:change-requested"
    EMAIL_CHANGED = "email:changed"
    EMAIL_CHANGE_UNDONE = "email:change-undone"
