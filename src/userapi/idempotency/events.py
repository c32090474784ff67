"""What is audited of idempotency keys."""

from userapi.kit.events import Event


class IdempotencyEvent(Event):
    """What happens to idempotency keys."""

    MISMATCHED = "idempotency:mismatched"
